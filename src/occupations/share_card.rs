//! Card for shared links to an occupation.

use crate::noc::Occupation;
use crate::web::ShareCard;

pub fn share_card(occupation: &Occupation) -> ShareCard {
    let Occupation { noc, title_en, teer, .. } = occupation;
    let card = ShareCard {
        key: format!("noc-{noc}"),
        label: "Occupation in Express Entry".into(),
        title: title_en.clone(),
        figures: vec![],
    };
    card.figure(noc.as_str(), "NOC 2021 code").figure(teer.to_string(), "TEER level")
}
