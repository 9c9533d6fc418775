//! Checks that visitors never read a page older than the last answered change.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use reqwest::header::IF_NONE_MATCH;
use scraper::{Html, Selector};

use crate::support::{FIRST_POST, Page, Visitor};

/// A repeated change: the form, its field, and the word before the increasing number.
const CHANGED: [(&str, &str, &str); 3] =
    [("/admin/site", "tagline", "Tagline"), ("/admin/pages/1", "body", "About"), ("/admin/posts/1", "title", "Post")];

/// Pages on which each change is visible.
const READ: [(&str, usize); 10] = [
    ("/", 0),
    ("/draws", 0),
    ("/categories/healthcare", 0),
    ("/occupations/31301?utm_source=feed", 0),
    ("/about", 1),
    ("/", 2),
    ("/news", 2),
    (FIRST_POST, 2),
    ("/news/feed.atom", 2),
    ("/search?q=healthcare", 2),
];

/// When each number of each change was answered.
type Answered = Rc<RefCell<[Vec<Instant>; 3]>>;

/// Number of the last change answered before `then`.
fn last_number_at(answered: &Answered, seed: u64, change: usize, then: Instant) -> u64 {
    seed * CHANGES_PER_RUN + answered.borrow()[change].iter().take_while(|at| **at <= then).count() as u64
}

/// Numbers of one run. They are higher than those of a run with a smaller seed.
const CHANGES_PER_RUN: u64 = 1000;

/// Makes `changes` random changes while `readers` read. Pages may be behind by `lag`.
///
/// Fails on an older page, and if a reader never got a 304.
pub async fn assert_no_stale_pages(
    editor: &Visitor,
    readers: impl IntoIterator<Item = Visitor>,
    changes: usize,
    lag: Duration,
    seed: u64,
) {
    let (answered, done) = (Answered::default(), Rc::new(Cell::new(false)));
    let mut rng = StdRng::seed_from_u64(seed);
    for change in 0..CHANGED.len() {
        make(editor, seed, change, &answered).await;
    }
    // From here on, the first change of each kind is old enough for every reader.
    tokio::time::sleep(lag).await;
    let reading: Vec<_> = readers
        .into_iter()
        .map(|reader| {
            let rng = StdRng::seed_from_u64(rng.random());
            actix_web::rt::spawn(read_until_done(reader, seed, answered.clone(), done.clone(), lag, rng))
        })
        .collect();
    for _ in 0..changes {
        make(editor, seed, rng.random_range(0..CHANGED.len()), &answered).await;
    }
    done.set(true);
    for read in join_all(reading).await {
        let (pages, unchanged) = read.unwrap();
        assert!(
            pages > 0 && unchanged > 0,
            "too few pages to prove anything: {pages}, {unchanged} unchanged (seed {seed})"
        );
    }
}

async fn make(editor: &Visitor, seed: u64, change: usize, answered: &Answered) {
    let (path, field, word) = CHANGED[change];
    let number = seed * CHANGES_PER_RUN + answered.borrow()[change].len() as u64 + 1;
    let held = form_fields(&editor.get(path).await);
    let text = format!("{word} number{number}x");
    let fields: Vec<(&str, &str)> = held
        .iter()
        .map(|(name, value)| (name.as_str(), if name == field { text.as_str() } else { value.as_str() }))
        .chain([("action", "save")])
        .collect();
    let page = editor.post(path, &fields).await;
    assert_eq!(page.status, 303, "{path}: {:?}", page.all("[role=alert]"));
    answered.borrow_mut()[change].push(Instant::now());
}

/// Fields of the open editor form, with line breaks.
fn form_fields(page: &Page) -> Vec<(String, String)> {
    let areas = Selector::parse("main textarea[name]").unwrap();
    let document = Html::parse_document(&page.text);
    let areas = document.select(&areas).map(|area| (area.attr("name").unwrap().to_owned(), area.text().collect()));
    let mut names = page.attributes("main input[name], main select[name]", "name");
    names.sort();
    names.dedup();
    areas.chain(names.into_iter().map(|name| (name.clone(), page.field_value(&name)))).collect()
}

/// Reads like a browser with a cache. Returns the number of pages read and of 304 responses.
async fn read_until_done(
    reader: Visitor,
    seed: u64,
    answered: Answered,
    done: Rc<Cell<bool>>,
    lag: Duration,
    mut rng: StdRng,
) -> (usize, usize) {
    let mut kept: HashMap<&str, (String, String)> = HashMap::new();
    let (mut pages, mut unchanged) = (0, 0);
    while !done.get() {
        let (path, change) = *READ.choose(&mut rng).unwrap();
        let least = last_number_at(&answered, seed, change, Instant::now() - lag);
        let mut request = reader.client.get(format!("{}{path}", reader.base));
        if let Some((tag, _)) = kept.get(path) {
            request = request.header(IF_NONE_MATCH, tag);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        if status == 304 {
            unchanged += 1;
        } else {
            assert_eq!(status, 200, "{path}");
            let tag = answer.headers().get("etag").map_or("", |tag| tag.to_str().unwrap()).to_owned();
            kept.insert(path, (tag, answer.text().await.unwrap()));
        }
        pages += 1;
        let shown = number_in(&kept[path].1, CHANGED[change].2).unwrap_or_else(|| panic!("{path}: {}", kept[path].1));
        assert!(shown >= least, "{path} shows {shown} after {least} had been answered");
    }
    (pages, unchanged)
}

fn number_in(text: &str, word: &str) -> Option<u64> {
    let rest = text.split(&format!("{word} number")).nth(1).or_else(|| {
        // Search highlights the words of the query.
        text.split("number").nth(1)
    })?;
    rest.split('x').next()?.parse().ok()
}
