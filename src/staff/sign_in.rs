//! Signing in and out.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::clock::Clock;
use crate::db::Database;
use crate::staff::{Desk, SignInThrottle, password, session, store};
use crate::web::{Form, Layout, PageResult, Query, address_line, client_address, html, plural, see_other};

#[derive(Template)]
#[template(path = "staff/sign_in.html")]
struct SignInPage {
    layout: Layout,
    form: SignInForm,
    problem: String,
    note: &'static str,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SignInForm {
    #[serde(deserialize_with = "address_line")]
    email: String,
    password: String,
    next: String,
    after: String,
}

/// `GET /admin/sign-in?next=`
pub async fn show(layout: Layout, query: Query<SignInForm>) -> PageResult {
    let note = match query.0.after.as_str() {
        "sign-out" => "You are signed out.",
        "set-up" => "Your password is set. Sign in with it.",
        _ => "",
    };
    let form = SignInForm { next: query.0.next, ..SignInForm::default() };
    html(StatusCode::OK, &SignInPage { layout, form, problem: String::new(), note })
}

/// `POST /admin/sign-in`
pub async fn submit(
    request: HttpRequest,
    layout: Layout,
    form: Form<SignInForm>,
    db: Data<Database>,
    clock: Data<Clock>,
    throttle: Data<SignInThrottle>,
) -> PageResult {
    let form = form.0;
    let address = client_address(&request);
    if let Err(seconds) = throttle.begin(&form.email, address, clock.now()) {
        let problem = format!(
            "There were too many wrong passwords. Wait {} and try again.",
            plural(seconds, "second", "seconds")
        );
        let mut page = html(StatusCode::TOO_MANY_REQUESTS, &SignInPage { layout, form, problem, note: "" })?;
        page.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        return Ok(page);
    }
    let found = store::credentials(db.read(), &form.email).await?;
    let (id, hash) = found.map_or((0, None), |(id, hash)| (id, Some(hash)));
    if !password::verify(form.password.clone(), hash.clone()).await? {
        return wrong(layout, form);
    }
    let token = session::new_token();
    let now = clock.now();
    let mut tx = db.begin_write().await?;
    store::forget_expired(&mut tx, now - session::LONGEST, now).await?;
    if let Some(previous) = session::digest_of(&request) {
        store::end_session(&mut tx, &previous).await?;
    }
    // The account may have been shut, or got another password, while this one was being checked.
    if !store::open_session(&mut tx, id, &hash.unwrap_or_default(), &token, now).await? {
        return wrong(layout, form);
    }
    tx.commit().await?;
    throttle.succeeded(&form.email, address);
    let mut response = see_other(inside_admin(&form.next));
    response.add_cookie(&session::cookie(&request, token)).map_err(anyhow::Error::from)?;
    Ok(response)
}

fn wrong(layout: Layout, form: SignInForm) -> PageResult {
    tracing::warn!("a sign-in failed");
    let problem = "This e-mail address and this password do not belong together.".to_owned();
    html(StatusCode::UNPROCESSABLE_ENTITY, &SignInPage { layout, form, problem, note: "" })
}

/// `POST /admin/sign-out`
pub async fn sign_out(request: HttpRequest, db: Data<Database>) -> PageResult {
    if let Some(digest) = session::digest_of(&request) {
        let mut tx = db.begin_write().await?;
        store::end_session(&mut tx, &digest).await?;
        tx.commit().await?;
    }
    signed_out(&request)
}

/// `POST /admin/sign-out-everywhere`
pub async fn sign_out_everywhere(
    request: HttpRequest,
    desk: Desk,
    db: Data<Database>,
    clock: Data<Clock>,
) -> PageResult {
    let mut tx = db.begin_write().await?;
    store::end_all_sessions(&mut tx, desk.member.id).await?;
    store::note(&mut tx, clock.now(), &desk.member.name, "signed out everywhere", &desk.member.name).await?;
    tx.commit().await?;
    signed_out(&request)
}

fn signed_out(request: &HttpRequest) -> PageResult {
    let mut response = see_other("/admin/sign-in?after=sign-out");
    response.add_cookie(&session::removal(request)).map_err(anyhow::Error::from)?;
    Ok(response)
}

/// Where to go after signing in: only ever to a staff page of this site.
fn inside_admin(next: &str) -> &str {
    let is_staff_page = next == "/admin" || next.starts_with("/admin/") || next.starts_with("/admin?");
    let is_plain = next.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    if is_staff_page && is_plain { next } else { "/admin" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_in_leads_nowhere_but_to_the_desk() {
        assert_eq!(inside_admin("/admin/posts?page=2"), "/admin/posts?page=2");
        for bad in [
            "",
            "//evil.example",
            "https://evil.example",
            "/adminx",
            "/news",
            "/admin/\r\nSet-Cookie: x",
            "/admin/\\evil",
        ] {
            assert_eq!(inside_admin(bad), "/admin", "{bad}");
        }
    }
}
