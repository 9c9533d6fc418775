//! Inquiries written before the rules, to measure the rules on texts they were not made for.

use super::tests::{Case, honest, spam};

/// One per kind of spam.
pub fn spam_cases() -> Vec<Case> {
    vec![
        spam("Kevin Reed", "Hello, I noticed your website is missing from the local map results. Our agency can get you more calls every month. Free audit here: https://rankboost.example/audit Reply STOP to opt out."),
        spam("Sasha", "Заработок от 5000 рублей в день без вложений! Подробности тут: https://zarabotok.example/start"),
        spam("LindaMow", "Best online slots 2026, 200 free spins no deposit https://slots.example/bonus https://slots2.example"),
        spam("Dr. Ibrahim", "Do you have a herpes or diabetes problem? Our herbal medicine cures it in 14 days, order now www.herbs.example WhatsApp +234 800 000 0000"),
        spam("Mr. James Carter", "We offer genuine loans at 3% interest rate to individuals and companies. Apply now for a quick loan: loans.example/apply, no collateral needed. Contact us today."),
        spam("CryptoProfit", "Turn $250 into $9,700 per week with our AI trading bot. Guaranteed returns! Sign up: https://bot.example/?ref=991"),
        spam("Accounts Dept", "Your domain immigration-experts.example expires today. Pay the renewal invoice now to avoid suspension: https://domain-registry.example/pay"),
        spam("Emily", "Hi, I write high-quality guest articles with dofollow links. What do you charge for a sponsored post on your blog? https://writers.example/samples"),
        spam("Robertter", "<a href=https://replica.example>buy replica watches</a> cheap rolex discount"),
        spam("Jason", "We build mobile apps and websites starting at $299. See our portfolio https://devs.example and book a free call https://cal.example/devs"),
        spam("asdjkqwe", "xvbn qwlk zmxn [url=https://x.example]qwe[/url]"),
        spam("Sofia", "hey handsome i am lonely tonight, see my hot photos here https://dating.example/sofia"),
        spam("Mark", "100k targeted email leads of US businesses for only $49. Buy email list: https://leads.example"),
        spam("Nguyen", "Chúng tôi cung cấp dịch vụ SEO giá rẻ, tăng traffic website. Liên hệ: https://seo.example https://seo2.example https://seo3.example"),
        spam("Mike Simmons", "Get instant 5-star Google reviews for your business, 100% safe. Check our prices: https://reviews.example/buy").fast(),
    ]
}

/// Genuine inquiries that a simple filter would quarantine.
pub fn honest_cases() -> Vec<Case> {
    vec![
        honest("Adeel Raza", "I worked six years for a bank as a loan officer and want to know my NOC. My LinkedIn: https://www.linkedin.com/in/adeel-raza"),
        honest("Maria Santos", "Blackjack dealer at a casino in Manila since 2018, IELTS 6.5. Which program suits me?").with_occupation("Casino dealer"),
        honest("Usman", "mujhe canada jana hai, mera crs 432 hai. kya chance hai? please reply karen"),
        honest("فاطمہ", "السلام علیکم، میں ایک نرس ہوں اور میرا تجربہ پانچ سال کا ہے۔ کیا میں اپلائی کر سکتی ہوں؟"),
        honest("Jean-Pierre Kouassi", "Bonjour, je suis développeur web à Abidjan. Mon portfolio : https://jpk.example et mon CV : https://drive.google.com/file/d/abc/view"),
        honest("HAMZA", "URGENT!!! PLEASE CALL ME TODAY. MY VISA EXPIRES IN 10 DAYS!!! HOW MUCH IS YOUR FEE???"),
        honest("Sana", "I run a small web design agency with 3 staff. We build websites and do SEO. Can I apply under self-employed?").with_occupation("SEO consultant and web designer"),
        honest("Tariq", "Someone from https://easy-canada.example promised guaranteed visa for $5,000. Is it a scam? They also sent https://pay.example/inv/88"),
        honest("Olu", "I have N15,000,000 in savings and a business loan of N2,000,000. Is it proof of funds?"),
        honest("Kiran", "I invest in crypto and stocks; can my bitcoin count as settlement funds for Express Entry?"),
        honest("Bilal", "Kindly unsubscribe me from your newsletter, I already have PR. Thank you."),
        honest("Grace", "Hi").fast(),
        honest("Farhan", "Position: Digital marketing manager. Duties: SEO, backlinks, guest posts, web traffic reports, Google Ads. Does this match NOC 10022?").with_occupation("Digital marketing manager"),
        honest("Rehana", "Dear Sir, I saw the guide on https://www.canada.ca/en/immigration-refugees-citizenship.html and https://noc.esdc.gc.ca and https://www.wes.org but I do not understand the ECA. Please explain."),
        honest("Imran", "I am interested in applying for Express Entry and would like a free assessment of my profile. Please let me know what documents you need.").same_message_count(40),
    ]
}
