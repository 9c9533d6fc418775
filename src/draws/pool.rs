//! Express Entry pool: the number of profiles in each score band at the time of a draw.

use std::collections::BTreeMap;

use jiff::civil::Date;

/// Score band of the published pool table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    pub key: &'static str,
    /// Name in files and forms: `pool_491_500`.
    pub column: &'static str,
    pub label: &'static str,
    pub kind: BandKind,
}

/// Role of a band in the total. Adding a subtotal and its parts would count people twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BandKind {
    Whole,
    /// Sum of the ten-point bands after it.
    SubTotal,
    /// Ten-point part of the subtotal before it.
    Part,
    Total,
}

macro_rules! band {
    ($key:literal, $label:literal, $kind:ident) => {
        Band { key: $key, column: concat!("pool_", $key), label: $label, kind: BandKind::$kind }
    };
}

/// Bands in the order of the feed, `dd1` to `dd18`.
pub const BANDS: [Band; 18] = [
    band!("601_1200", "601–1200", Whole),
    band!("501_600", "501–600", Whole),
    band!("451_500", "451–500", SubTotal),
    band!("491_500", "491–500", Part),
    band!("481_490", "481–490", Part),
    band!("471_480", "471–480", Part),
    band!("461_470", "461–470", Part),
    band!("451_460", "451–460", Part),
    band!("401_450", "401–450", SubTotal),
    band!("441_450", "441–450", Part),
    band!("431_440", "431–440", Part),
    band!("421_430", "421–430", Part),
    band!("411_420", "411–420", Part),
    band!("401_410", "401–410", Part),
    band!("351_400", "351–400", Whole),
    band!("301_350", "301–350", Whole),
    band!("0_300", "0–300", Whole),
    band!("total", "Total", Total),
];

/// Published number of profiles per band on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    pub as_of: Date,
    /// Counts in the order of `BANDS`.
    pub counts: [i64; 18],
}

/// Published subtotal or total that differs from the sum of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongSum {
    pub band: Band,
    pub published: i64,
    pub computed: i64,
}

impl Pool {
    pub fn bands(&self) -> impl Iterator<Item = (Band, i64)> {
        BANDS.into_iter().zip(self.counts)
    }

    pub fn total(&self) -> i64 {
        self.counts[17]
    }

    pub fn wrong_sums(&self) -> Vec<WrongSum> {
        let mut sums: Vec<WrongSum> = vec![];
        let mut all = 0;
        for (band, count) in self.bands() {
            match band.kind {
                BandKind::Whole => all += count,
                BandKind::SubTotal => {
                    all += count;
                    sums.push(WrongSum { band, published: count, computed: 0 });
                }
                BandKind::Part => {
                    if let Some(sum) = sums.last_mut() {
                        sum.computed += count;
                    }
                }
                BandKind::Total => sums.push(WrongSum { band, published: count, computed: all }),
            }
        }
        sums.retain(|sum| sum.published != sum.computed);
        sums
    }

    /// Serializes the counts to a JSON object with the band keys.
    pub fn to_json(&self) -> String {
        let counts: BTreeMap<&str, i64> = self.bands().map(|(band, count)| (band.key, count)).collect();
        serde_json::Value::from_iter(counts).to_string()
    }

    /// Parses the output of [`to_json`](Self::to_json); `None` if a band is missing.
    pub fn from_json(as_of: Date, json: &str) -> Option<Self> {
        let object: BTreeMap<String, i64> = serde_json::from_str(json).ok()?;
        let mut counts = [0; 18];
        for (count, band) in counts.iter_mut().zip(BANDS) {
            *count = *object.get(band.key)?;
        }
        Some(Self { as_of, counts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draw 247 as published: its five ten-point bands are 180 short of 451–500.
    const ROUND_247: [i64; 18] = [
        604, 884, 55867, 680, 3001, 21544, 17111, 13351, 61108, 12691, 13187, 10674, 11846, 12710, 69709, 36432, 5585,
        230189,
    ];

    #[test]
    fn wrong_sums_are_reported() {
        let pool = Pool { as_of: "2023-04-26".parse().unwrap(), counts: ROUND_247 };
        let sums = pool.wrong_sums();
        assert_eq!(sums.len(), 1, "{sums:?}");
        assert_eq!((sums[0].band.key, sums[0].published, sums[0].computed), ("451_500", 55867, 55687));
    }

    #[test]
    fn counts_round_trip_through_json() {
        let pool = Pool { as_of: "2023-04-26".parse().unwrap(), counts: ROUND_247 };
        assert_eq!(Pool::from_json(pool.as_of, &pool.to_json()), Some(pool.clone()));
        assert_eq!(Pool::from_json(pool.as_of, "{\"0_300\": 1}"), None);
    }
}
