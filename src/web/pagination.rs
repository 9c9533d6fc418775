//! Pagination of long lists.

use crate::http::PageError;

/// Current page of a list, with links to the previous and next pages.
#[derive(Clone, Debug)]
pub struct Pagination {
    /// From 1.
    pub page: i64,
    /// At least 1, even for an empty list.
    pub pages: i64,
    /// Number of items in the whole list.
    pub total: i64,
    pub per_page: i64,
    base_path: String,
}

impl Pagination {
    /// Parses the page number; empty means the first page. A page out of range is "not found".
    ///
    /// `base` is the path of the list with its query. The page number is added to it.
    pub fn new(typed: &str, total: i64, per_page: i64, base: String) -> Result<Self, PageError> {
        let pages = ((total + per_page - 1) / per_page).max(1);
        let page = if typed.is_empty() { 1 } else { typed.parse::<i64>().map_err(|_| PageError::NotFound)? };
        if !(1..=pages).contains(&page) {
            return Err(PageError::NotFound);
        }
        Ok(Self { page, pages, total, per_page, base_path: base })
    }

    /// Number of items before this page.
    pub fn offset(&self) -> i64 {
        (self.page - 1) * self.per_page
    }

    pub fn previous(&self) -> Option<String> {
        (self.page > 1).then(|| self.page_path(self.page - 1))
    }

    pub fn next(&self) -> Option<String> {
        (self.page < self.pages).then(|| self.page_path(self.page + 1))
    }

    /// Path of this page.
    pub fn current(&self) -> String {
        self.page_path(self.page)
    }

    fn page_path(&self, page: i64) -> String {
        if page == 1 {
            return self.base_path.clone();
        }
        let joint = if self.base_path.contains('?') { '&' } else { '?' };
        format!("{}{joint}page={page}", self.base_path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_out_of_range_is_not_found() {
        let of = |typed: &str, total| Pagination::new(typed, total, 10, "/news".into());
        assert_eq!(of("", 0).unwrap().pages, 1);
        assert_eq!(of("3", 21).unwrap().offset(), 20);
        for bad in ["0", "-1", "4", "x", "99999999999999999999", "1e1"] {
            assert!(of(bad, 21).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_first_page_has_no_page_parameter() {
        let paging = Pagination::new("2", 30, 10, "/occupations?q=nurse".into()).unwrap();
        assert_eq!(paging.previous().unwrap(), "/occupations?q=nurse");
        assert_eq!(paging.next().unwrap(), "/occupations?q=nurse&page=3");
    }
}
