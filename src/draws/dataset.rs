//! The draw record as a dataset, for search engines.

use crate::web::{Agent, DataDownload, DatasetDetails, JsonLd, Layout, Thing};

/// Describes the record and its files.
pub fn dataset(layout: &Layout) -> Result<JsonLd, askama::Error> {
    let file = |path, encoding_format| DataDownload { encoding_format, content_url: layout.absolute_url(path) };
    let details = DatasetDetails {
        name: "Express Entry draws".into(),
        description: "Rounds of invitations of Express Entry, Canada's system for applications for permanent \
                      residence, since 2015: date, type, number of invitations, CRS cut-off and tie-break, with \
                      corrections of published errors."
            .into(),
        url: layout.absolute_url("/draws"),
        is_accessible_for_free: true,
        is_based_on: "https://www.canada.ca/en/immigration-refugees-citizenship/services/immigrate-canada/express-entry/rounds-invitations.html",
        creator: Agent::Organization { name: layout.firm.name.clone(), url: Some(layout.absolute_url("/")) },
        // The first draw was held on this day. The record has no end.
        temporal_coverage: Some("2015-01-31/..".into()),
        spatial_coverage: "Canada",
        variable_measured: vec!["CRS cut-off", "Number of invitations", "Tie-break"],
        distribution: vec![file("/draws.csv", "text/csv"), file("/draws.json", "application/json")],
    };
    JsonLd::of(&Thing::Dataset(Box::new(details))).map_err(askama::Error::custom)
}
