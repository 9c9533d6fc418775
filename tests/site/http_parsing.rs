//! HTTP parsing: ambiguous requests are rejected, unusual ones are answered.

use crate::attacks::{ATTACKER_HOST, head, status};
use crate::support::{FIRST_POST, Site};

#[actix_web::test]
async fn ambiguous_http_requests_are_rejected() {
    let site = Site::start().await;
    for request in [
        "POST /contact HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /contact HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        "POST /contact HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
        "POST /contact HTTP/1.1\r\nHost: x\r\nContent-Length: +4\r\n\r\nabcd",
        "POST /contact HTTP/1.1\r\nHost: x\r\nContent-Length: 4, 4\r\n\r\nabcd",
        "POST /contact HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "POST /contact HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "POST /contact HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n folded: 1\r\n\r\n",
        "GET / HTTP/1.1\nHost: x\nX-A\n\n",
        "GET / HTTP/1.1\r\nHost x\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: x\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let answer = site.raw(request.as_bytes()).await;
        assert_eq!(status(&answer), 400, "{request}: {}", head(&answer));
        // The connection is closed after the rejection, so that the rest is not read as another request.
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{request}");
    }
}

#[actix_web::test]
async fn unusual_but_valid_http_requests_are_handled() {
    let site = Site::start().await;
    let form = "name=Amina&email=visitor@example.com&message=m";
    let posted = format!(
        "POST /contact HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let answer = site.raw(posted.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 303"), "{answer}");
    let answer = site.raw(b"GET /health HTTP/1.0\r\n\r\n").await;
    assert!(status(&answer) == 200 && answer.ends_with("alive\n"), "{answer}");
    let answer = site.raw(b"GET http://evil.example/draws/252 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(status(&answer) == 200 && !answer.contains(ATTACKER_HOST), "{}", head(&answer));
    let twice = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n";
    let last = "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = site.raw(format!("{}{last}", twice.repeat(40)).as_bytes()).await;
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 41, "one response each, in order");
    for method in ["TRACE", "CONNECT", "TRACK", "DEBUG", "PROPFIND", "get"] {
        for target in ["/", "/admin", "evil.example:443"] {
            let request =
                format!("{method} {target} HTTP/1.1\r\nHost: x\r\nCookie: session=abc\r\nConnection: close\r\n\r\n");
            let answer = site.raw(request.as_bytes()).await;
            assert!([303, 400, 404, 405].contains(&status(&answer)), "{method} {target}: {}", head(&answer));
            assert!(!answer.contains("session=abc"), "{method} {target} echoes the request");
        }
    }
    let doubled = "GET / HTTP/1.1\r\nHost: x\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    let answer = site.raw(doubled.as_bytes()).await;
    assert!([200, 400].contains(&status(&answer)) && !answer.contains(ATTACKER_HOST), "{}", head(&answer));
    let visitor = site.visitor();
    let page = visitor.get("/occupations?q=nurse&q=cook&teer=1&teer=3").await;
    assert_eq!((page.status, page.field_value("q")), (200, "cook".into()), "the last value counts");
    let page = visitor.get(&format!("{FIRST_POST}?{}", "a=b&".repeat(15_000))).await;
    assert_eq!(page.status, 200);
    let options = site.raw(b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!((200..500).contains(&status(&options)), "{options}");
}
