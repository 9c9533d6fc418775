//! Steps of the set-up, in their order.

use crate::onboarding::store;
use crate::services::Services;
use crate::{inquiries, pages, posts, site, staff};

/// Something that a new site needs.
#[derive(Clone, Debug)]
pub struct Step {
    pub key: &'static str,
    pub label: &'static str,
    /// What to do, in one sentence.
    pub advice: &'static str,
    /// Page on which it is done.
    pub href: String,
    pub state: StepState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Still the content of a new site.
    Sample,
    Missing,
    Done,
}

impl StepState {
    pub fn label(self) -> &'static str {
        match self {
            Self::Sample => "sample",
            Self::Missing => "missing",
            Self::Done => "done",
        }
    }
}

impl Step {
    pub fn is_done(&self) -> bool {
        self.state == StepState::Done
    }
}

/// All steps with their state.
#[derive(Clone, Debug)]
pub struct Checklist(pub Vec<Step>);

impl Checklist {
    /// The first step that is not done.
    pub fn next(&self) -> Option<&Step> {
        self.0.iter().find(|step| !step.is_done())
    }

    /// Such as "4 of 13 steps done".
    pub fn progress(&self) -> String {
        let done = self.0.iter().filter(|step| step.is_done()).count();
        format!("{done} of {} steps done", self.0.len())
    }
}

/// Reads the state of every step.
pub async fn load(services: &Services) -> sqlx::Result<Checklist> {
    let db = services.db.read();
    let (settings, sample) = (site::settings(db).await?, site::sample_settings());
    let firm = services.firm.current().await;
    let pages = pages::setup_state(db).await?;
    let sample_post = posts::sample_post(db).await?;
    let has_team = staff::all(db).await?.len() > 1;
    let has_inquiry = inquiries::has_any(db).await?;
    let confirmed = store::confirmed(db).await?;

    use StepState::{Missing, Sample};
    let page = |slug: &str| pages.samples.iter().find(|(_, sample)| sample == slug).map(|(id, _)| *id);
    let page_path = |slug: &str| page(slug).map_or("/admin/pages".to_owned(), |id| format!("/admin/pages/{id}"));
    let has_sample_phones =
        settings.expert_phones == sample.expert_phones || settings.business_phone == sample.business_phone;
    let has_sample_front_page = settings.front_heading.is_empty() && settings.front_text == sample.front_text;
    let post_path = sample_post.map_or("/admin/posts".to_owned(), |id| format!("/admin/posts/{id}"));
    let steps = [
        (
            "name",
            "Company name",
            "Enter the name and the tagline of your company.",
            "/admin/site#name".to_owned(),
            (settings.name == sample.name).then_some(Sample),
        ),
        (
            "phones",
            "Phone numbers and opening hours",
            "Enter your phone numbers, your WhatsApp numbers and your opening hours.",
            "/admin/site#expert_phones".to_owned(),
            has_sample_phones.then_some(Sample),
        ),
        (
            "email",
            "E-mail addresses",
            "Enter a public e-mail address, and a staff inbox that receives a notice of each inquiry.",
            "/admin/site#email".to_owned(),
            (firm.email.is_none() || firm.staff_inbox.is_empty()).then_some(Missing),
        ),
        (
            "front-page",
            "Text of the front page",
            "Say in two or three sentences what visitors find on your site.",
            "/admin/site#front_text".to_owned(),
            has_sample_front_page.then_some(Sample),
        ),
        (
            "licence",
            "Licence",
            "Enter the licence holder and the licence number. Without them, no public page may offer advice.",
            "/admin/site#licence_name".to_owned(),
            firm.licence().is_none().then_some(Missing),
        ),
        (
            "logo",
            "Logo",
            "Upload your logo in Media, open it and choose Use as logo.",
            "/admin/media".to_owned(),
            firm.logo.is_none().then_some(Missing),
        ),
        (
            "about",
            "About page",
            "Say who you are and how people can reach you.",
            page_path("about"),
            page("about").map(|_| Sample),
        ),
        (
            "privacy",
            "Privacy page",
            "Read the text and change what is different in your company.",
            page_path("privacy"),
            page("privacy").map(|_| Sample),
        ),
        (
            "pages",
            "Your own pages",
            "Add pages such as Services, Fees, FAQ or Team. Each has an outline to start from.",
            "/admin/pages".to_owned(),
            (!pages.has_own_page).then_some(Missing),
        ),
        (
            "post",
            "First post",
            "Change the author and the text of the sample post, or unpublish it.",
            post_path,
            sample_post.map(|_| Sample),
        ),
        (
            "team",
            "Team",
            "Add your colleagues. Each gets a link to set a password.",
            "/admin/staff".to_owned(),
            (!has_team).then_some(Missing),
        ),
        (
            "mail",
            "Sending e-mails",
            "Ask the server administrator to set SMTP_URL. Until then, e-mails are saved as files and not sent.",
            "/admin/mail".to_owned(),
            services.transport.writes_files().then_some(Missing),
        ),
        (
            "test",
            "Test message",
            "Send yourself a message through the contact form, then answer it under Inquiries.",
            "/contact".to_owned(),
            (!has_inquiry).then_some(Missing),
        ),
    ];
    let step = |(key, label, advice, href, open): (&'static str, _, _, _, Option<StepState>)| {
        let open = open.filter(|_| confirmed.iter().all(|step| step != key));
        Step { key, label, advice, href, state: open.unwrap_or(StepState::Done) }
    };
    Ok(Checklist(steps.into_iter().map(step).collect()))
}
