//! Eviction from maps that count per client, so that their size stays limited.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::Hash;

/// Removes the half of `map` that expires first if `map` holds `capacity` entries.
///
/// Removing half at once makes the average cost per new entry small.
pub fn evict_if_full<K: Eq + Hash, V>(map: &mut HashMap<K, V>, capacity: usize, expires_at: impl Fn(&V) -> i64) {
    if map.len() < capacity {
        return;
    }
    let mut ends: Vec<i64> = map.values().map(&expires_at).collect();
    let middle = ends.len() / 2;
    let (_, median, later) = ends.select_nth_unstable(middle);
    let median = *median;
    let above = later.iter().filter(|end| **end > median).count();
    let mut ties = (capacity / 2).saturating_sub(above);
    map.retain(|_, value| match expires_at(value).cmp(&median) {
        Ordering::Greater => true,
        Ordering::Equal if ties > 0 => {
            ties -= 1;
            true
        }
        _ => false,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_lived_entries_stay_within_the_capacity() {
        let mut map = HashMap::new();
        for n in 0..1000_i64 {
            evict_if_full(&mut map, 100, |end| *end);
            map.insert(n, if n == 3 { 10_000 } else { n % 7 });
            assert!(map.len() <= 100, "{}", map.len());
        }
        assert!(map.contains_key(&3));
        let mut equal: HashMap<i64, i64> = (0..100).map(|n| (n, 5)).collect();
        evict_if_full(&mut equal, 100, |end| *end);
        assert_eq!(equal.len(), 50, "half of equal entries stays");
    }
}
