//! Limit on the number of forms from one network in an hour.

/// High, because mobile carriers put many people behind one address.
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
    /// `per_hour` is the setting `FORM_LIMIT`.
    pub fn new(per_hour: Option<u32>) -> Self {
        Self {
            per_hour: per_hour.map_or(DEFAULT_FORMS_PER_HOUR, i64::from),
            limit_private_networks: per_hour.is_some(),
        }
    }
}
