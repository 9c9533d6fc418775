//! Filters of the directory: TEER, broad category and Express Entry category, with result counts.

use crate::categories::ActiveCategory;
use crate::http::PageError;
use crate::noc;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filters {
    pub teer: Option<i64>,
    pub broad: Option<i64>,
    pub category: Option<String>,
}

/// Values that the filters can take.
pub struct FilterOptions<'a> {
    /// Digit and name of each broad category.
    pub broad: &'a [(i64, String)],
    pub categories: &'a [ActiveCategory],
}

/// A filter, shown as a form field and as links.
pub struct Filter {
    pub name: &'static str,
    pub label: &'static str,
    /// Label of the option that selects nothing.
    pub any: &'static str,
    pub any_href: String,
    pub choices: Vec<Choice>,
}

pub struct Choice {
    pub value: String,
    pub label: String,
    /// Number of results with this choice and the other selected filters.
    pub count: usize,
    pub href: String,
    pub chosen: bool,
}

impl Filter {
    pub fn chosen(&self) -> Option<&Choice> {
        self.choices.iter().find(|choice| choice.chosen)
    }

    pub fn has_results(&self) -> bool {
        self.choices.iter().any(|choice| choice.count > 0)
    }
}

fn digit(code: &str, place: usize) -> Option<i64> {
    code.get(place..=place)?.parse().ok()
}

impl Filters {
    /// Parses the query parameters. Empty values select nothing; unknown values are a 404.
    pub fn parse(teer: &str, broad: &str, category: &str, options: &FilterOptions) -> Result<Self, PageError> {
        let number = |typed: &str, is_known: &dyn Fn(i64) -> bool| match typed {
            "" => Ok(None),
            typed if typed.len() > 1 => Err(PageError::NotFound),
            typed => typed.parse().ok().filter(|n| is_known(*n)).map(Some).ok_or(PageError::NotFound),
        };
        let category = Some(category.to_owned()).filter(|key| !key.is_empty());
        if category.as_ref().is_some_and(|key| options.categories.iter().all(|known| known.key != *key)) {
            return Err(PageError::NotFound);
        }
        Ok(Self {
            teer: number(teer, &|teer| (0..=5).contains(&teer))?,
            broad: number(broad, &|broad| options.broad.iter().any(|(known, _)| *known == broad))?,
            category,
        })
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub fn matches(&self, code: &str, options: &FilterOptions) -> bool {
        self.teer.is_none_or(|teer| digit(code, 1) == Some(teer))
            && self.broad.is_none_or(|broad| digit(code, 0) == Some(broad))
            && self.category.as_ref().is_none_or(|key| {
                options
                    .categories
                    .iter()
                    .any(|known| known.key == *key && known.codes.iter().any(|listed| listed == code))
            })
    }

    /// URL of a search with these filters.
    pub fn href(&self, q: &str) -> String {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        let numbers = [("teer", self.teer), ("broad", self.broad)];
        let numbers = numbers.into_iter().filter_map(|(name, number)| Some((name, number?.to_string())));
        let category = self.category.clone().map(|key| ("category", key));
        for (name, value) in [("q", q.to_owned())].into_iter().chain(numbers).chain(category) {
            if !value.is_empty() {
                pairs.append_pair(name, &value);
            }
        }
        let pairs = pairs.finish();
        if pairs.is_empty() { "/occupations".into() } else { format!("/occupations?{pairs}") }
    }

    /// All filters with their choices, for a search that found `codes`.
    pub fn menus(&self, q: &str, codes: &[String], options: &FilterOptions) -> Vec<Filter> {
        let choice = |filters: Self, value: String, label: String| Choice {
            value,
            label,
            count: codes.iter().filter(|code| filters.matches(code, options)).count(),
            href: filters.href(q),
            chosen: filters == *self,
        };
        let teers = (0..=5).map(|teer| {
            choice(
                Self { teer: Some(teer), ..self.clone() },
                teer.to_string(),
                format!("TEER {teer}: {}", noc::teer_name(teer)),
            )
        });
        let broad = options.broad.iter().map(|(digit, name)| {
            choice(Self { broad: Some(*digit), ..self.clone() }, digit.to_string(), format!("{digit}: {name}"))
        });
        // A category without a list in effect is only shown if it is selected.
        let shown = options
            .categories
            .iter()
            .filter(|known| !known.codes.is_empty() || self.category.as_ref() == Some(&known.key));
        let categories = shown.map(|known| {
            choice(Self { category: Some(known.key.clone()), ..self.clone() }, known.key.clone(), known.name.clone())
        });
        vec![
            Filter {
                name: "teer",
                label: "Training level (TEER)",
                any: "Any training level",
                any_href: Self { teer: None, ..self.clone() }.href(q),
                choices: teers.collect(),
            },
            Filter {
                name: "broad",
                label: "Type of work",
                any: "Any type of work",
                any_href: Self { broad: None, ..self.clone() }.href(q),
                choices: broad.collect(),
            },
            Filter {
                name: "category",
                label: "Current category",
                any: "All occupations",
                any_href: Self { category: None, ..self.clone() }.href(q),
                choices: categories.collect(),
            },
        ]
    }
}
