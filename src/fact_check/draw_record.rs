//! Reference data for the fact check.

use crate::draws::Draw;
use crate::noc::Occupation;

#[derive(Clone, Copy)]
pub struct DrawRecord<'a> {
    pub draws: &'a [Draw],
    pub occupations: &'a [Occupation],
}
