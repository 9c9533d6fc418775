//! Structured data for search engines: JSON-LD with the terms of schema.org.
//!
//! JSON-LD is data in a `script` element of a type that browsers do not run, so the content security policy of public
//! pages does not concern it.

use std::fmt;

use askama::filters::HtmlSafe;
use serde::Serialize;

use crate::web::Firm;

/// One or more things in a `script` element. Templates print it without escaping.
#[derive(Clone, Debug, Default)]
pub struct JsonLd(String);

impl HtmlSafe for JsonLd {}

impl JsonLd {
    pub fn of(thing: &impl Serialize) -> serde_json::Result<Self> {
        let json = serde_json::to_string(&InContext { context: "https://schema.org", thing })?;
        // Inside the element, HTML ends at `</script` and `<!--` changes the parsing. In JSON, they appear only in strings.
        Ok(Self(json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")))
    }
}

impl fmt::Display for JsonLd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        write!(f, "\n<script type=\"application/ld+json\">{}</script>", self.0)
    }
}

#[derive(Serialize)]
struct InContext<'a, T> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(flatten)]
    thing: &'a T,
}

/// Things of schema.org, with the properties that the site uses. `None` and empty lists are left out.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "@type")]
pub enum Thing {
    ProfessionalService(Box<Business>),
    NewsArticle(Box<Article>),
    BreadcrumbList {
        #[serde(rename = "itemListElement")]
        items: Vec<ListItem>,
    },
    Dataset(Box<DatasetDetails>),
}

/// The company.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Business {
    pub name: String,
    pub url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    pub telephone: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub same_as: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<Identifier>,
}

/// Licence number in the public register.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "@type", rename = "PropertyValue", rename_all = "camelCase")]
pub struct Identifier {
    pub name: String,
    pub value: String,
    pub url: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Article {
    pub headline: String,
    pub description: String,
    pub url: String,
    pub main_entity_of_page: String,
    pub in_language: &'static str,
    pub image: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_published: Option<String>,
    pub date_modified: String,
    pub author: Agent,
    pub publisher: Agent,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub correction: Vec<CorrectionComment>,
}

/// Person or company.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "@type")]
pub enum Agent {
    Person {
        name: String,
    },
    Organization {
        name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
}

#[derive(Clone, Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
pub struct CorrectionComment {
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_published: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
pub struct ListItem {
    pub position: usize,
    pub name: String,
    /// Absolute URL.
    pub item: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DatasetDetails {
    pub name: String,
    pub description: String,
    pub url: String,
    pub is_accessible_for_free: bool,
    /// Where the figures were first published.
    pub is_based_on: &'static str,
    pub creator: Agent,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temporal_coverage: Option<String>,
    pub spatial_coverage: &'static str,
    pub variable_measured: Vec<&'static str>,
    pub distribution: Vec<DataDownload>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
pub struct DataDownload {
    pub encoding_format: &'static str,
    pub content_url: String,
}

impl Business {
    pub fn of(firm: &Firm, url: String) -> Self {
        let licence = firm.licence().map(|licence| Identifier {
            name: format!("Licence of {}, College of Immigration and Citizenship Consultants", licence.name),
            value: licence.number.to_owned(),
            url: licence.register().to_owned(),
        });
        Self {
            name: firm.name.clone(),
            url,
            description: firm.tagline.clone(),
            telephone: firm.business_phones.iter().map(|phone| phone.href.replace("tel:", "")).collect(),
            email: firm.email.clone(),
            address: firm.address.as_ref().map(|address| address.lines().collect::<Vec<_>>().join(", ")),
            same_as: firm.social_links.iter().map(|link| link.href.clone()).collect(),
            identifier: licence,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_end_the_element() {
        for text in ["</script><script>alert(1)</script>", "<!--<script>", "a & b"] {
            let thing =
                Thing::BreadcrumbList { items: vec![ListItem { position: 1, name: text.into(), item: String::new() }] };
            let html = JsonLd::of(&thing).unwrap().to_string();
            let json = html.split_once('>').unwrap().1.strip_suffix("</script>").unwrap();
            assert!(!json.contains(['<', '>', '&']), "{json}");
            let parsed: serde_json::Value = serde_json::from_str(json).unwrap();
            assert_eq!(parsed["itemListElement"][0]["name"], text);
            assert_eq!(parsed["@type"], "BreadcrumbList");
            assert_eq!(parsed["@context"], "https://schema.org");
        }
    }
}
