//! Reference data for the fact check.

use crate::categories::DatedList;
use crate::draws::Draw;
use crate::noc::Occupation;

#[derive(Clone, Copy)]
pub struct DrawRecord<'a> {
    pub draws: &'a [Draw],
    /// Sorted by code.
    pub occupations: &'a [Occupation],
    /// All versions of the lists of eligible occupations.
    pub lists: &'a [DatedList],
}

impl<'a> DrawRecord<'a> {
    /// The occupation with a code.
    pub(super) fn occupation(&self, code: &str) -> Option<&'a Occupation> {
        let place = self.occupations.binary_search_by(|occupation| occupation.noc.as_str().cmp(code)).ok()?;
        self.occupations.get(place)
    }
}
