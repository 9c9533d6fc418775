//! Posts as an agency would write them, in which everything is true or about something else.

use crate::fact_check::Rule;
use crate::fact_check::tests::findings_in;

const TRUE_POSTS: [(&str, &str); 6] = [
    (
        "Express Entry draw #252: IRCC invites 500 candidates in first-ever healthcare draw",
        r#"Immigration, Refugees and Citizenship Canada (IRCC) conducted its first-ever category-based selection draw on June 28, 2023, inviting 500 candidates with experience in healthcare occupations. The minimum Comprehensive Ranking System (CRS) score required was 476. This compares with 486 in the all-program draw a day earlier, when 4,300 candidates were invited.

So far in 2023, IRCC has issued 59,548 invitations over 16 draws. The largest draw this year was on March 15, when 7,000 people were invited with a minimum score of 490.

According to IRCC, the pool held 215,000 profiles, of which 1,109 had a score of 501 or more. Candidates with scores between 481 and 490 numbered 12,000.

The draw took place at 14:04:34 UTC. The tie-breaking rule was November 12, 2022, at 12:47:27 UTC. This means that if more than one candidate had the minimum score of 476, only those who submitted their profile before that date were invited.

IRCC plans to welcome 465,000 new permanent residents in 2023, 485,000 in 2024 and 500,000 in 2025. A processing fee of $1,365 applies; 60 days remain for an application; six months (1,560 hours) of work needed.

In 2022 Canada invited 46,539 candidates. The lowest cut-off ever was 75, in February 2021."#,
    ),
    (
        "Healthcare workers: how to prepare",
        r#"Are you a nurse? With a CRS score of 450 or above you may be invited in the next healthcare round. In the last such round (round 255 of July 6, 2023) 1,500 people were invited and the cut-off was 463. A job offer no longer adds points; a provincial nomination adds 600 points. With 12 points more you would have made it.

- Language: CLB 9 gives 136 points
- Education: a master's degree gives 135 points
- A sibling in Canada gives 15 points

Call 042 35911332 on Monday, 10.00 to 18.00.

You need at least 67 points out of 100 for the Federal Skilled Worker program. Minimum score: 67 points."#,
    ),
    (
        "Week in review: July 4 to 7, 2023",
        r#"Canada held four rounds this week. On July 4, 700 people were invited with a CRS of 511 or more. On Wednesday, July 5, 500 STEM candidates followed (cut-off 486). On July 6, the second healthcare draw invited 1,500, with 463 as the cut-off. Finally, on July 7, 2,300 French speakers were invited at 439 points.

In total, 5,000 invitations were issued in four days. The average cut-off was 475.

Ontario's OINP issued 1,200 invitations on July 6. British Columbia invited 150 candidates on July 5."#,
    ),
    (
        "Round 254: STEM",
        r#"Round 254 was the first for STEM occupations. The score required was 486, the same as in round 251. Canada had invited 4,300 people in round 251 and 500 in round 252; this time it was 500 again. Compared with round 252 (476), the cut-off rose by 10 points to 486.

From 500 in June to 1,500 in July: healthcare invitations tripled.

The tie-break of November 23, 2022 at 00:01:29 UTC was used. Round 252's tie-break was 11 days earlier, November 12, 2022.

| Round | Date | Category | Invitations | Lowest score | Change |
|---|---|---|---|---|---|
| 251 | June 27, 2023 | General | 4,300 | 486 | 0 |
| 252 | June 28, 2023 | Healthcare | 500 | 476 | -10 |
| 254 | July 5, 2023 | STEM | 500 | 486 | +10 |

| Band | Profiles |
|---|---|
| 501–600 | 1,109 |
| 451–500 | 55,867 |

Notes: NOC 21231 (software engineers and designers), 21232, 21234 are STEM."#,
    ),
    (
        "Provincial nominees: draw on May 10, 2023",
        r#"On May 10, 2023 IRCC held a PNP-only draw: 589 nominees with at least 691 points. Round 248 (May 10, 2023) had a tie-break of March 8, 2023 at 16:42:17 UTC. The one before, on April 26, invited 3,500 people under all programs at 483.

On 24 May 2023, 4,800 people were invited, with a score of 488. As of May 2023, 23,000 invitations have been issued this year. The biggest round to date was held on February 13, 2021, when 27,332 people were invited.

PNP candidates get 600 points, so 691 means a score of 91 without the nomination. At least 691 points were needed.

In the two draws of May 2018, IRCC invited 700 people."#,
    ),
    (
        "French round, February 2024",
        r#"On February 1, 2024, Canada invited 7,000 French-speaking candidates at a cut-off score of 365. The round before (January 31) was for all programs: 730 people, 541 points.
Then came February 13, 2024: 1,490 invitations, CRS 535. The CRS cut-off on February 14 was 422 for healthcare (3,500 invitations).
TEF scores of at least 434 in reading, NCLC 7 in all four abilities. A CRS of 365 is lower than any general cut-off since 2021."#,
    ),
];

#[test]
fn correct_posts_have_no_findings() {
    for (title, body) in TRUE_POSTS {
        assert_eq!(findings_in(&[("title", title), ("body", body)]), [], "{title}");
    }
}

#[test]
fn draw_is_recognised_by_its_date() {
    let body = r#"**Date:** June 28, 2023
**Invitations:** 500
**CRS:** 476

The rank required to be invited to apply was 500 or above. Number of ITAs: 500. Tie-breaking: Nov. 12, 2022 at 12:47:27 UTC.

"We are thrilled", said the minister on Wednesday. "By 2030 we will need 100,000 nurses", according to Bill 96.

Healthcare candidates with work experience in 35 occupations were eligible; 82 occupations in total are listed across 5 categories.

Of the 500 candidates invited, half were nurses. Nearly 500 people got an ITA. Up to 1,000 more could be invited by July 5.

Candidates who have a CRS of 476 and who applied before November 12, 2022 were invited. To get 476 points you need strong English. A candidate with 486 points was invited one day earlier. The difference to the general round was 10 points.

The pool: 604 people with 601 or more, 884 with 501 to 600. CRS score distribution as of June 27, 2023: 501-600: 884.

Registered nurses (31301), LPNs (32101) and nurse aides (33102) can apply. Our office in Lahore, 54000, is open. Call 051 8439995."#;
    let found = findings_in(&[("title", "IRCC holds healthcare draw"), ("body", body)]);
    let rules: Vec<Rule> = found.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, [Rule::RankAsScore], "{found:#?}");
    assert!(found[0].reason.contains("In draw 252 of June 28, 2023"), "{found:#?}");
}
