//! Tests of the spam score with typical spam, and with genuine inquiries that resemble it.

use jiff::SignedDuration;

use super::*;

pub struct Case {
    details: Details,
    signals: SpamSignals,
}

const NO_SIGNALS: SpamSignals = SpamSignals {
    honeypot_filled: false,
    fill_time: Some(SignedDuration::from_secs(90)),
    same_message_count: 0,
    recent_from_network: 0,
};

pub fn spam(name: &str, message: &str) -> Case {
    honest(name, message)
}

pub fn honest(name: &str, message: &str) -> Case {
    Case { details: Details { name: name.into(), message: message.into(), ..Details::default() }, signals: NO_SIGNALS }
}

impl Case {
    pub fn fast(mut self) -> Self {
        self.signals.fill_time = Some(SignedDuration::from_secs(1));
        self
    }

    /// Without a valid form token.
    pub fn unopened(mut self) -> Self {
        self.signals.fill_time = None;
        self
    }

    pub fn with_filled_honeypot(mut self) -> Self {
        self.signals.honeypot_filled = true;
        self
    }

    pub fn with_occupation(mut self, occupation: &str) -> Self {
        self.details.occupation = occupation.into();
        self
    }

    pub fn same_message_count(mut self, others: i64) -> Self {
        self.signals.same_message_count = others;
        self
    }

    pub fn recent_from_network(mut self, others: i64) -> Self {
        self.signals.recent_from_network = others;
        self
    }

    fn spam_score(&self) -> SpamScore {
        SpamScore::compute(&self.details, self.signals)
    }
}

/// Cases that are quarantined although they should not be, or the reverse.
fn misclassified(cases: &[Case], is_spam: bool) -> Vec<String> {
    cases
        .iter()
        .map(|case| (case, case.spam_score()))
        .filter(|(_, score)| score.is_quarantined() != is_spam)
        .map(|(case, score)| format!("{} {:?}: {}", score.points, score.reasons, case.details.message))
        .collect()
}

fn spam_cases() -> Vec<Case> {
    vec![
        spam("Seo Pro", "We offer SEO service and backlinks: https://a.example https://b.example https://c.example"),
        spam("Mike", "Hi, we can rank your website on the first page of Google. Our packages start low. Reply for a free quote."),
        spam("John Miller", "I was on your website and found errors. Our agency does SEO at an affordable price. Interested? john@seo.example"),
        spam("Rahul", "Hello, we are a leading web design and mobile app development company. Check our portfolio: https://webdev.example"),
        spam("Anna", "We provide guest post on high domain authority sites, dofollow, from $20. Price list: https://gp.example"),
        spam("David", "I have 50 sites for link insertion and sponsored post. What do you charge for a link on your blog? david@links.example"),
        spam("Casino", "Play at the best online casino, 500% bonus, no deposit needed: https://casino.example"),
        spam("BetKing", "Sportsbook and poker, join now and get free spins https://bet.example/join"),
        spam("Loan Officer", "Do you need a business loan at 2% interest rate? We offer loans without collateral. Email us: loan@finance.example"),
        spam("Mrs. Grace Loans", "Quick loan approval, no collateral, apply now for a personal loan today. WhatsApp +1 555 010 9999"),
        spam("Payday", "Need cash? Payday loan up to $5000, sign up now www.cash.example"),
        spam("Bitcoin Expert", "Earn up to $5000 per week with bitcoin. Guaranteed profit! Telegram: @btcpro"),
        spam("Crypto", "Our trading bot makes passive income with crypto, join now https://bot.example/?ref=1"),
        spam("Forex", "Forex signals with 95% accuracy, risk free, limited time: https://fx.example"),
        spam("Pharm", "Buy cheap viagra and cialis without prescription http://pills.example"),
        spam("Dr. Herbal", "My herbal medicine cures diabetes, order now. WhatsApp +234 801 234 5678"),
        spam("Keto", "Weight loss pills, special offer 50% off https://keto.example"),
        spam("Nina", "Hot girls want sex dating tonight, click here https://hot.example"),
        spam("Webcam", "Watch free webcam porn http://cam.example/x"),
        spam("Replica", "Replica Rolex and Louis Vuitton bags, lowest price, shop now https://replica.example"),
        spam("forum", "[url=https://pills.example]pills[/url]"),
        spam("forum", "Great post! [link=https://x.example]here[/link]"),
        spam("html", "Nice site <a href=\"https://x.example\">cheap</a>"),
        spam("https://spam.example", "Visit https://spam.example and https://spam2.example and https://spam3.example"),
        spam("Links", "https://a.example https://b.example https://c.example https://d.example https://e.example https://f.example https://g.example").unopened().recent_from_network(30),
        spam("Domain Service", "Your domain expires. Click the link to pay the renewal invoice: https://domains.example/pay?id=77"),
        spam("Billing", "Domain registration for your website: final notice, act now or your site goes offline. http://renew.example"),
        spam("Leads", "Buy email list of 1 million leads, only $99: https://leads.example"),
        spam("Followers", "Boost your Instagram with 10k real followers for only $25 https://smm.example"),
        spam("Reviews", "We provide 5-star Google reviews for your business, 100% safe. https://rev.example"),
        spam("Video", "Our explainer video will increase your sales. See our portfolio at https://video.example"),
        spam("Assistant", "Hire a virtual assistant starting at $5 an hour. Free trial: https://va.example"),
        spam("Essay", "Essay writing service with discount, order now https://essay.example"),
        spam("Docs", "Buy real and fake documents, registered passports, IELTS without exam. WhatsApp +44 7000 000000"),
        spam("Иван", "Лучшее казино с бонусом, регистрация тут https://kazino.example"),
        spam("Ольга", "Продвижение сайтов в топ, скидка 30% https://topseo.example"),
        spam("Кредит", "Быстрый кредит без справок: http://credit.example"),
        spam("代理", "代开发票 博彩 https://fapiao.example"),
        spam("QwErTyUiOpAs", "zXcVbNmLkJhG"),
        spam("hjkdfgs", "sdfkjh wrtpl mnbvcx"),
        spam("Ali", "Please call me").with_filled_honeypot(),
        spam("Seo", "Rank your website with us").fast(),
        spam("Promo", "Increase your sales with organic traffic. To unsubscribe reply STOP.").unopened(),
        spam("Cheap", "Web design from $99, free demo at https://d.example").with_occupation("Web designer"),
        spam("", "casino bonus").with_occupation("buy now https://a.example/casino"),
    ]
}

fn honest_cases() -> Vec<Case> {
    vec![
        honest("Ayesha", "Please call me"),
        honest("Ayesha", "I am a nurse with 4 years of experience. My CRS is 470+. See https://linkedin.com/in/ayesha"),
        honest("علی", "میں کینیڈا جانا چاہتا ہوں"),
        honest("Bilal", "My agent took my money at the casino. Can I still apply?"),
        honest("Sana", "").with_occupation("SEO specialist"),
        honest("Sana", "I want to apply for Express Entry.")
            .with_occupation("SEO specialist, backlinks and guest posts"),
        honest("Omar", "Which NOC is mine?").with_occupation("Loan officer at a bank"),
        honest("Lena", "I deal cards. Is my job in TEER 4?").with_occupation("Casino dealer"),
        honest("Yusuf", "I analyse bitcoin for a fund.").with_occupation("Crypto analyst"),
        honest("Hina", "I run a pharmacy and sell Viagra and other pills. Which NOC?")
            .with_occupation("Pharmacist selling Viagra and Cialis"),
        honest("Danish", "I am a web developer with 6 years experience in web design and SEO. CRS 455.")
            .with_occupation("Web designer"),
        honest("Raza", "My portfolio is at https://raza.example and my CV at https://drive.google.com/file/d/1/view"),
        honest("Raza", "I am a web designer. My portfolio: https://raza.example"),
        honest(
            "Meera",
            "CV: https://docs.google.com/document/d/1, LinkedIn: https://linkedin.com/in/m, work: https://github.com/m, site: https://m.example",
        ),
        honest("Kamran", "Is https://www.canada.ca/en/immigration.html right that I need 67 points?"),
        honest("Kamran", "I read https://www.cic.gc.ca/a and https://www.jobbank.gc.ca/b and https://www.ontario.ca/c"),
        honest("Zara", "Aoa, mujhe PR ki information chahiye. Fees kitni hai? Kya IELTS zaroori hai?"),
        honest("Zara", "bhai mera case kab tak ho jaye ga, please call kar dein 0300 1234567"),
        honest("Amélie", "Bonjour, je voudrais immigrer au Québec. Combien coûte le dossier ? Merci"),
        honest(
            "Fatou",
            "Je suis infirmière, j'ai 5 ans d'expérience. TEF Canada : 320. Puis-je faire une demande de résidence permanente ?",
        ),
        honest("IMRAN", "PLEASE CALL ME AS SOON AS POSSIBLE I WANT TO GO TO CANADA"),
        honest("Nadia", "Can I apply????? How much???? When????"),
        honest("Tahir", "I have $25,000 and Rs 5,000,000 in the bank. Is it enough for settlement funds?"),
        honest("Tahir", "I have a home loan of 3 million. Does the loan count against my proof of funds?"),
        honest("Saad", "How much do you charge for a work permit? Is there a discount for two people?"),
        honest("Saad", "Do you offer a free consultation?"),
        honest("Saad", "Is there a discount? I need a cheap package, call me 0300 1234567"),
        honest("Noor", "I saw your website and would like to know your services and fees."),
        honest("Noor", "I found your website on Google. I am an accountant in Dubai. Call me on +971 50 123 4567."),
        honest(
            "Adnan",
            "Got this from an agent: https://visa-agent.example. They say guaranteed visa in 3 months. True?",
        ),
        honest("Adnan", "An agent sent https://a.example and https://b.example. Are they real consultants?"),
        honest("Maha", "I teach at https://school.example, our site. Will my experience count?"),
        honest("Priya", "I sell on Amazon and earn $3000 per month from web traffic. Am I self-employed?"),
        honest("Priya", "I work as a forex trader, my salary is 2000 AED per month. CRS 410."),
        honest("Waqas", "I am interested in moving to Canada with my family. Please tell me the process and the fee.")
            .same_message_count(25),
        honest("Waqas", "I am interested in moving to Canada with my family. Please tell me the process and the fee.")
            .same_message_count(1000)
            .unopened(),
        honest("Waqas", "I am interested in moving to Canada with my family. Please tell me the process.")
            .same_message_count(50)
            .recent_from_network(200),
        honest("Khan", "ok").fast(),
        honest("Rukhsana", "I am an IT specialist, and a socialist").fast(),
        honest("Hassan", "Main seo ka kaam karta hoon, 5 saal ka experience hai"),
        honest("Hassan", "I am a digital marketing manager: SEO, Google Ads, followers growth, leads. IELTS 7."),
        honest("Krzysztof Brzęczyszczykiewicz", "Can I bring my wife and my children?"),
        honest("McDonald O'Brien", "IRCC asked for biometrics. NCLEX passed. NNAS done."),
        honest(
            "Ольга",
            "Здравствуйте, я медсестра, хочу переехать в Канаду. Мой профиль: https://linkedin.com/in/olga",
        ),
        honest("李伟", "您好，我想移民加拿大，请联系我。"),
        honest("Ejaz", "I am a poker room supervisor; my ECA is done by WES and my IELTS is 6.5. What are my chances?"),
        honest("Sadia", "My husband has a crypto business and we want to apply for the start-up visa."),
        honest("Sadia", "please unsubscribe me"),
    ]
}

#[test]
fn known_kinds_of_spam_are_quarantined() {
    let cases = spam_cases();
    assert!(cases.len() >= 40);
    let missed = misclassified(&cases, true);
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn genuine_inquiries_are_not_quarantined() {
    let cases = honest_cases();
    assert!(cases.len() >= 40);
    let mistaken = misclassified(&cases, false);
    assert!(mistaken.is_empty(), "{mistaken:#?}");
}

#[test]
fn held_out_cases_are_classified() {
    let (spam, honest) = (held_out::spam_cases(), held_out::honest_cases());
    let (missed, mistaken) = (misclassified(&spam, true), misclassified(&honest, false));
    assert!(missed.len() <= 1, "{missed:#?}");
    assert!(mistaken.is_empty(), "{mistaken:#?}");
}

#[test]
fn no_single_signal_but_the_honeypot_quarantines() {
    let alone = |signs| SpamScore::compute(&honest("Ayesha", "Please call me").details, signs);
    assert!(alone(SpamSignals { honeypot_filled: true, ..NO_SIGNALS }).is_quarantined());
    for signs in [
        SpamSignals { fill_time: Some(SignedDuration::ZERO), ..NO_SIGNALS },
        SpamSignals { fill_time: None, ..NO_SIGNALS },
        SpamSignals { same_message_count: 1_000_000, ..NO_SIGNALS },
        SpamSignals { recent_from_network: 1_000_000, ..NO_SIGNALS },
        SpamSignals { same_message_count: 1_000_000, recent_from_network: 1_000_000, fill_time: None, ..NO_SIGNALS },
    ] {
        assert!(!alone(signs).is_quarantined(), "{signs:?}");
    }
}

#[test]
fn spam_score_lists_its_reasons() {
    let score = spam_cases()[0].spam_score();
    assert_eq!(score.reasons, ["Contains several links.", "Looks like advertising and says where to buy."]);
}

#[test]
fn every_free_text_field_is_scored() {
    let test = "https://a.example https://b.example https://c.example casinos, buy now";
    let details = Details { english_test: test.into(), ..honest("Ayesha", "").details };
    assert!(SpamScore::compute(&details, NO_SIGNALS).is_quarantined());
}

#[test]
fn short_messages_have_no_fingerprint() {
    assert_eq!(fingerprint_text("Please  call me"), None);
    assert_eq!(fingerprint_text("see WWW.example.com").as_deref(), Some("see www.example.com"));
    let long = "I would like to know whether my diploma of nursing is enough to apply.";
    assert_eq!(fingerprint_text(&format!("  {long}\n")), Some(long.to_lowercase()));
}
