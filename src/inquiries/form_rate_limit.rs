//! Limit on the number of forms from one network in an hour.

/// Where the operator says nothing: many people share one address of a carrier.
const DEFAULT_FORMS_PER_HOUR: i64 = 600;

/// Forms accepted from one network in an hour (`FORM_LIMIT`).
#[derive(Clone, Copy, Debug)]
pub struct FormRateLimit {
    pub per_hour: i64,
    /// Private networks count only if the operator set a limit: behind an untrusted proxy, every visitor seems to come
    /// from there.
    pub limit_private_networks: bool,
}

impl FormRateLimit {
    /// The limit set by the operator, or the default.
    pub fn new(set: Option<u32>) -> Self {
        Self { per_hour: set.map_or(DEFAULT_FORMS_PER_HOUR, i64::from), limit_private_networks: set.is_some() }
    }
}
