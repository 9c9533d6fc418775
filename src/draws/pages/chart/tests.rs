//! Tests of charts.

use super::*;

fn draw(round: u32, date: &str, crs: i64) -> DrawSummary {
    DrawSummary {
        round: round.to_string(),
        date: date.parse().unwrap(),
        name: String::new(),
        category: None,
        crs,
        invitations: 500,
        has_wrong_invitations: false,
        has_wrong_date: false,
        checked_on: None,
    }
}

fn chart(draws: &[DrawSummary]) -> Option<Chart> {
    Chart::new("x", "A kind", "/draws?category=x#draws", &[Series { name: "A kind", draws: draws.iter().collect() }])
}

fn texts(chart: &Chart) -> Vec<&str> {
    chart.labels.iter().map(|label| &*label.text).collect()
}

#[test]
fn one_draw_gives_no_chart() {
    assert!(chart(&[]).is_none());
    assert!(chart(&[draw(430, "2026-07-23", 368)]).is_none());
}

#[test]
fn extremes_and_latest_are_labelled() {
    let chart = chart(&[
        draw(1, "2024-01-10", 480),
        draw(2, "2024-02-10", 510),
        draw(3, "2024-03-10", 422),
        draw(4, "2024-04-10", 475),
    ])
    .unwrap();
    assert_eq!(texts(&chart), ["510 in draw 2", "422 in draw 3", "475"]);
    assert_eq!(
        chart.sentences,
        "4 draws since January 10, 2024. Highest cut-off 510 in draw 2 (February 10, 2024), \
         lowest 422 in draw 3 (March 10, 2024), latest 475 in draw 4 (April 10, 2024)."
    );
    assert_eq!(chart.labelled_dots.matches('M').count(), 3);
}

#[test]
fn draw_that_is_two_extremes_is_labelled_once() {
    let rising = chart(&[draw(1, "2024-01-10", 400), draw(2, "2024-02-10", 500)]).unwrap();
    assert_eq!(texts(&rising), ["500 in draw 2, latest", "400 in draw 1"]);
    let falling = chart(&[draw(1, "2024-01-10", 500), draw(2, "2024-02-10", 400)]).unwrap();
    assert_eq!(texts(&falling), ["500 in draw 1", "400 in draw 2, latest"]);
}

#[test]
fn newest_of_equal_cut_offs_is_labelled() {
    let level = chart(&[draw(1, "2024-01-10", 476), draw(2, "2024-02-10", 476)]).unwrap();
    assert_eq!(texts(&level), ["476 in draw 2, latest"]);
    let back = chart(&[draw(1, "2024-01-10", 500), draw(2, "2024-02-10", 400), draw(3, "2024-03-10", 500)]).unwrap();
    assert_eq!(texts(&back), ["500 in draw 3, latest", "400 in draw 2"]);
}

#[test]
fn everything_lies_inside_the_chart() {
    let draws: Vec<DrawSummary> =
        (1..=28).map(|n| draw(n, &format!("2024-02-{n:02}"), if n % 2 == 0 { 1200 } else { 1 })).collect();
    let chart = chart(&draws).unwrap();
    for label in &chart.labels {
        let area = label.area();
        assert!(area.left >= 0.0 && area.right <= WIDTH && area.top >= 0.0 && area.bottom <= HEIGHT, "{label:?}");
    }
    for tick in &chart.scores {
        assert!((0.0..HEIGHT).contains(&tick.at), "{tick:?}");
    }
}

#[test]
fn line_breaks_after_half_a_year_without_a_draw() {
    let chart = chart(&[
        draw(1, "2023-01-10", 480),
        draw(2, "2023-02-10", 490),
        draw(3, "2024-02-10", 500),
        draw(4, "2025-02-10", 470),
        draw(5, "2025-03-10", 475),
    ])
    .unwrap();
    assert_eq!((chart.series[0].line.matches('M').count(), chart.series[0].line.matches('l').count()), (3, 2));
    assert_eq!(chart.series[0].dots.matches("h0").count(), 5);
}

#[test]
fn many_draws_have_dots_only_where_isolated() {
    let mut draws: Vec<DrawSummary> = (0..72)
        .map(|n| draw(n + 1, &format!("20{}-{:02}-01", 15 + n / 12, n % 12 + 1), 450 + i64::from(n % 7)))
        .collect();
    assert_eq!(chart(&draws).unwrap().series[0].dots, "");
    draws.push(draw(90, "2024-01-01", 470));
    assert_eq!(chart(&draws).unwrap().series[0].dots.matches("h0").count(), 1);
}

#[test]
fn year_labels_are_centred_and_do_not_overlap() {
    let year = |year: i16| draw(u32::from(year.unsigned_abs()), &format!("{year}-06-01"), 450);
    let few = chart(&[year(2023), year(2024)]).unwrap();
    let years = |chart: &Chart| chart.years.iter().map(|tick| tick.text.clone()).collect::<Vec<_>>();
    assert_eq!(years(&few), ["2023", "2024"]);
    let many = chart(&[year(2015), year(2026)]).unwrap();
    assert_eq!(years(&many), ["2015", "2017", "2019", "2021", "2023", "2025"]);
    assert_eq!(many.axis.matches("v5").count(), 13, "a mark on each side of each year");
}
