//! E-mails as they arrive: decoded text, sender, recipients, names of attachments, and whether a program sent them.

use std::sync::LazyLock;

use mail_parser::{Address, HeaderName, HeaderValue, Message, MessageParser, MimeHeaders, PartType};
use regex::Regex;

use crate::http::sha256_hex;
use crate::inquiries::replies::quoted_text::{SplitText, split_quoted};
use crate::web::{html_to_markdown, several_lines, single_line};

/// Maximum characters of a reply. Longer texts are cut off, and the text says so.
const MAX_REPLY_CHARS: usize = 50_000;
const MAX_QUOTED_CHARS: usize = 20_000;
const MAX_SUBJECT_CHARS: usize = 200;
const MAX_ATTACHMENTS: usize = 50;
const MAX_NAME_CHARS: usize = 120;
/// HTML that is converted. The rest is left out.
const MAX_HTML_BYTES: usize = 2_000_000;
/// Longest Message-ID that is stored.
const MAX_MESSAGE_ID_LEN: usize = 250;

/// An attachment, which is not stored.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Attachment {
    pub name: String,
    /// Bytes.
    pub size: usize,
}

impl Attachment {
    /// `1.2 MB`
    pub fn shown_size(&self) -> String {
        match self.size {
            bytes @ 0..1_000 => format!("{bytes} bytes"),
            bytes @ 1_000..1_000_000 => format!("{} kB", bytes / 1_000),
            bytes => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomingEmail {
    /// Without angle brackets. `None` if it has none that can be used in a header.
    pub message_id: Option<String>,
    /// Identifies the message: its Message-ID, or the hash of a message without one.
    pub key: String,
    /// Addresses in the headers of delivery, then of the recipients.
    pub recipients: Vec<String>,
    /// Address of the sender; empty if there is none.
    pub sender: String,
    pub subject: String,
    /// What the sender wrote; empty if there is no text.
    pub reply: String,
    /// Quoted text of earlier e-mails.
    pub quoted: String,
    pub attachments: Vec<Attachment>,
    /// Why this was sent by a program, not by a person.
    pub automatic: Option<&'static str>,
    pub returned: Option<ReturnedEmail>,
}

/// Report of a mail server that an e-mail of ours could not be delivered (RFC 3464).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnedEmail {
    /// Message-IDs in the report, one of which is that of our e-mail.
    pub message_ids: Vec<String>,
    /// Reason in the words of the mail server.
    pub reason: String,
    /// Whether the address itself is wrong: status 5.1.x.
    pub is_bad_address: bool,
}

impl IncomingEmail {
    /// Reads a message as a mail server delivers it. `None` if it has no header of an e-mail.
    pub fn parse(raw: &[u8]) -> Option<Self> {
        let raw = without_mbox_line(raw);
        let message = MessageParser::default().parse(raw)?;
        if message.from().is_none() && message.message_id().is_none() && message.subject().is_none() {
            return None;
        }
        let message_id = message.message_id().map(str::trim).filter(|id| is_usable_id(id)).map(str::to_owned);
        let SplitText { reply, quoted } = split_quoted(&several_lines(&body_text(&message)));
        Some(Self {
            key: message_id.clone().unwrap_or_else(|| format!("sha256:{}", sha256_hex(raw))),
            message_id,
            recipients: recipients(&message),
            sender: first_address(message.from()),
            subject: cut(&single_line(message.subject().unwrap_or_default()), MAX_SUBJECT_CHARS),
            reply: cut(&reply, MAX_REPLY_CHARS),
            quoted: cut(&quoted, MAX_QUOTED_CHARS),
            attachments: attachments(&message),
            automatic: automatic_reason(&message),
            returned: returned_email(&message, raw),
        })
    }
}

/// Mail servers may add the first line of the mbox format.
fn without_mbox_line(raw: &[u8]) -> &[u8] {
    match raw.strip_prefix(b"From ") {
        Some(_) => raw.iter().position(|byte| *byte == b'\n').map_or(raw, |end| &raw[end + 1..]),
        None => raw,
    }
}

/// Whether a Message-ID can be repeated in a header: `name@host` of visible ASCII characters.
fn is_usable_id(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>');
    id.len() <= MAX_MESSAGE_ID_LEN && id.contains('@') && id.bytes().all(is_plain)
}

/// The text parts, or the HTML parts as text if there are none with text.
fn body_text(message: &Message<'_>) -> String {
    let mut texts = vec![];
    for part in message.text_bodies() {
        match &part.body {
            PartType::Text(text) if part.is_content_type("text", "plain") || part.content_type().is_none() => {
                texts.push(text.to_string());
            }
            PartType::Html(html) => texts.push(html_text(html)),
            _ => {}
        }
    }
    let text = texts.join("\n\n");
    if text.trim().is_empty() {
        // An empty text beside the HTML, as some programs send it.
        return message
            .html_bodies()
            .filter_map(|part| match &part.body {
                PartType::Html(html) => Some(html_text(html)),
                _ => None,
            })
            .collect::<Vec<_>>()
            .join("\n\n");
    }
    text
}

/// HTML as plain text: quotations begin with `>`.
fn html_text(html: &str) -> String {
    /// Backslash before a character that Markdown would read as markup, or at the end of a line.
    static ESCAPE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\\([!-/:-@\[-`{-~]|$)").ok());
    let end = (0..=html.len().min(MAX_HTML_BYTES)).rev().find(|end| html.is_char_boundary(*end)).unwrap_or(0);
    let markdown = html_to_markdown(&html[..end]);
    let lines = markdown.lines().map(|line| match &*ESCAPE {
        Some(escape) => escape.replace_all(line, "$1").into_owned(),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn addresses<'a>(list: Option<&'a Address<'a>>) -> impl Iterator<Item = String> + 'a {
    list.into_iter().flat_map(|list| list.iter()).filter_map(|address| address.address()).map(single_line)
}

fn first_address(list: Option<&Address<'_>>) -> String {
    addresses(list).next().unwrap_or_default()
}

/// Values of a header that occurs several times or is not known to the parser.
fn raw_values<'a>(message: &'a Message<'a>, name: &'a str) -> impl Iterator<Item = String> + 'a {
    message
        .headers_raw()
        .filter(move |(header, _)| header.eq_ignore_ascii_case(name))
        .map(|(_, value)| single_line(value))
}

/// Recipients: what the mail server says first, because the visitor may have written to several addresses.
fn recipients(message: &Message<'_>) -> Vec<String> {
    let delivered = ["X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "X-Forwarded-To"];
    let delivered = delivered.into_iter().flat_map(|name| raw_values(message, name).collect::<Vec<_>>());
    let delivered = delivered.map(|value| value.trim_matches(['<', '>']).to_owned());
    delivered
        .chain(addresses(message.to()))
        .chain(addresses(message.cc()))
        .chain(addresses(message.header(HeaderName::ResentTo).and_then(HeaderValue::as_address)))
        .collect()
}

fn attachments(message: &Message<'_>) -> Vec<Attachment> {
    let attachment = |part: &mail_parser::MessagePart<'_>| {
        let kind = part.content_type().map(|kind| match kind.subtype() {
            Some(subtype) => format!("{}/{subtype}", kind.ctype()),
            None => kind.ctype().to_owned(),
        });
        let name = match (part.attachment_name(), &part.body) {
            (Some(name), _) => name.to_owned(),
            (None, PartType::Message(inner)) => inner.subject().unwrap_or("e-mail").to_owned(),
            (None, _) => format!("file without a name ({})", kind.as_deref().unwrap_or("unknown type")),
        };
        Attachment { name: cut(&single_line(&name), MAX_NAME_CHARS), size: part.len() }
    };
    message.attachments().take(MAX_ATTACHMENTS).map(attachment).collect()
}

/// Why a program sent this message (RFC 3834, and headers of programs that are older or do not follow it).
fn automatic_reason(message: &Message<'_>) -> Option<&'static str> {
    let value = |name: &str| raw_values(message, name).next().map(|value| value.to_ascii_lowercase());
    let first_word =
        |name: &str| value(name).map(|value| value.split([';', ' ']).next().unwrap_or_default().to_owned());
    if first_word("Auto-Submitted").is_some_and(|kind| kind != "no") {
        return Some("automatic reply");
    }
    if value("Return-Path").is_some_and(|path| path.trim() == "<>") || message.is_content_type("multipart", "report") {
        return Some("report of a mail server");
    }
    let sender = first_address(message.from()).to_ascii_lowercase();
    if ["mailer-daemon@", "postmaster@"].iter().any(|name| sender.starts_with(name)) {
        return Some("report of a mail server");
    }
    if value("X-Auto-Response-Suppress").is_some_and(|kind| kind != "none")
        || ["X-Autoreply", "X-Autorespond", "X-Autoresponder"].iter().any(|name| value(name).is_some_and(|v| v != "no"))
    {
        return Some("automatic reply");
    }
    let is_bulk = |kind: String| ["bulk", "junk", "list", "auto_reply"].contains(&kind.as_str());
    if first_word("Precedence").is_some_and(is_bulk) || value("List-Id").is_some() {
        return Some("mailing list or bulk e-mail");
    }
    None
}

/// Reads a report that delivery failed. Delays and other reports are not failures.
fn returned_email(message: &Message<'_>, raw: &[u8]) -> Option<ReturnedEmail> {
    if !message.is_content_type("multipart", "report") {
        return None;
    }
    let text = String::from_utf8_lossy(raw);
    let field = |name: &str| {
        text.lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| single_line(value))
    };
    if !field("Action")?.eq_ignore_ascii_case("failed") {
        return None;
    }
    let status = field("Status").unwrap_or_default();
    let reason = field("Diagnostic-Code").unwrap_or_default();
    let reason = reason.split_once(';').map_or(reason.as_str(), |(_, reason)| reason.trim()).to_owned();
    let ids = text.lines().filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        let id = value.trim().strip_prefix('<')?.strip_suffix('>')?;
        name.eq_ignore_ascii_case("Message-ID").then(|| id.to_owned())
    });
    Some(ReturnedEmail {
        message_ids: ids.take(10).collect(),
        is_bad_address: status.starts_with("5.1."),
        reason: cut(format!("returned by the mail server: {status} {reason}").trim(), 300),
    })
}

/// The first `max` characters, with a note if there are more.
fn cut(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{} […]", text[..end].trim_end()),
        None => text.to_owned(),
    }
}
