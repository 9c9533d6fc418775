# Varnish in front of the site: a cache that shows changes immediately and also works while the site is down.
# Needs Varnish 7 without further modules (Debian: varnish).
#
#   varnishd -a 127.0.0.1:6081 -f /etc/varnish/site.vcl -s malloc,256m -p http_gzip_support=off
#
# The site compresses responses itself, also with brotli. Without http_gzip_support=off, Varnish requests gzip only.
# Settings of the site: TRUSTED_PROXIES=127.0.0.1 and PURGE_URL=http://127.0.0.1:6081/.
# Varnish has no TLS and no limits for slow clients or connections per address: put nginx or Caddy in front of it.

vcl 4.1;

import std;

backend site {
    .host = "127.0.0.1";
    .port = "8080";
    # Enough for an upload of many pictures, an import of all draws and a list of 100,000 inquiries.
    .first_byte_timeout = 300s;
    .probe = {
        .url = "/health";
        .interval = 2s;
        .timeout = 1s;
        .window = 3;
        .threshold = 2;
        .initial = 2;
    }
}

# Addresses that may purge: the site itself.
acl site_itself {
    "127.0.0.1";
    "::1";
}

sub vcl_recv {
    # Clients must not set the internal headers and the request ID.
    unset req.http.X-Public;
    unset req.http.X-Request-Id;
    if (req.restarts == 0) {
        unset req.http.X-Old-Is-Welcome;
        unset req.http.X-Purged-At;
    }
    unset req.http.X-Asks-When-Purged;

    if (req.method == "PURGE") {
        call purge_request;
    }

    # For operators, who use the site's own address.
    if (req.url ~ "^/(metrics|health/ready)([?]|$)") {
        return (synth(404));
    }

    # Forms, receipts and the admin area: not cached, with cookies.
    if ((req.method != "GET" && req.method != "HEAD") || req.url ~ "^/(admin|apply|contact|receipts|health)([/?]|$)") {
        return (pass);
    }

    # Everything else is the same for all visitors.
    set req.http.X-Public = "yes";
    unset req.http.Cookie;
    call one_address;
    call one_encoding;
    # First of two lookups: the time of the last purge. See vcl_deliver.
    if (!req.http.X-Purged-At) {
        set req.http.X-Asks-When-Purged = "yes";
        return (hash);
    }
    call how_old;
}

# VCL has no variables that outlive a request. Instead, a cached object holds the time of the last purge. A purge removes
# it, and the next request creates it again.
sub vcl_hash {
    if (req.http.X-Asks-When-Purged) {
        hash_data("when the pages were last purged");
        return (lookup);
    }
}

# The backend does not provide that object.
sub vcl_backend_fetch {
    if (bereq.http.X-Asks-When-Purged) {
        return (error(200, "Made here"));
    }
    unset bereq.http.X-Purged-At;
}

# "PURGE / HTTP/1.1" with "Surrogate-Key: pages": serve no older page from now on, unless the site is unreachable.
# Nothing is deleted, so the last version of each page remains available while the site is down.
sub purge_request {
    # Varnish itself adds one address to X-Forwarded-For. A second one means that the request came through a proxy.
    if (client.ip !~ site_itself || req.http.X-Forwarded-For ~ ",") {
        return (synth(403));
    }
    if (req.http.Surrogate-Key != "pages") {
        return (synth(400, "The one key is: pages"));
    }
    set req.http.X-Asks-When-Purged = "yes";
    return (purge);
}

# Normalises the host, and removes tracking parameters, which do not change a page.
sub one_address {
    set req.http.Host = std.tolower(regsub(req.http.Host, ":(80|443)$", ""));
    if (req.url ~ "[?&](utm_[a-z_]+|fbclid|gclid|gbraid|wbraid|msclkid|mc_cid|mc_eid)=") {
        set req.url = regsuball(req.url, "(utm_[a-z_]+|fbclid|gclid|gbraid|wbraid|msclkid|mc_cid|mc_eid)=[^&]*&?", "");
        set req.url = regsub(req.url, "[?&]+$", "");
    }
}

# One cache entry for each encoding of the site instead of one for each Accept-Encoding. Ignores preferences between them.
sub one_encoding {
    if (req.http.Accept-Encoding ~ "(^|[ ,])br( *;[^,]*[1-9][^,]*)?( *,|$)") {
        set req.http.Accept-Encoding = "br";
    } else if (req.http.Accept-Encoding ~ "(^|[ ,])gzip( *;[^,]*[1-9][^,]*)?( *,|$)") {
        set req.http.Accept-Encoding = "gzip";
    } else {
        unset req.http.Accept-Encoding;
    }
}

# Maximum age of a page, as in the site's headers: one minute, another minute while a new version is fetched, and one day
# while the site is down. After a purge only newer pages, for as long as older ones could exist.
sub how_old {
    if (req.http.X-Old-Is-Welcome || !std.healthy(site)) {
        set req.ttl = 1d;
        set req.grace = 1d;
        return;
    }
    set req.grace = 60s;
    if (req.url !~ "^/static/") {
        set req.ttl = now - std.time(req.http.X-Purged-At, now);
        # Zero would mean no limit.
        if (req.ttl <= 0s) {
            set req.ttl = 1ms;
        }
        if (req.ttl < 120s) {
            set req.grace = 0s;
        }
    }
}

sub vcl_backend_response {
    # Do not replace a cached page by an error.
    if (beresp.status >= 500) {
        if (bereq.is_bgfetch) {
            return (abandon);
        }
        set beresp.uncacheable = true;
        set beresp.ttl = 0s;
        return (deliver);
    }
    if (beresp.http.Cache-Control ~ "stale-if-error=[0-9]+") {
        set beresp.grace = std.duration(regsub(beresp.http.Cache-Control, "^.*stale-if-error=([0-9]+).*$", "\1s"), 0s);
    }
}

sub vcl_deliver {
    # Second lookup: the page itself.
    if (req.http.X-Asks-When-Purged) {
        set req.http.X-Purged-At = resp.http.X-Purged-At;
        return (restart);
    }
    # The site has just gone down and the probe has not noticed it yet: serve an old page.
    if (resp.status >= 500 && req.http.X-Public && !req.http.X-Old-Is-Welcome) {
        set req.http.X-Old-Is-Welcome = "yes";
        return (restart);
    }
    if (obj.hits > 0) {
        set resp.http.X-Cache = "HIT";
    } else {
        set resp.http.X-Cache = "MISS";
    }
    unset resp.http.X-Varnish;
    unset resp.http.Via;
}

sub vcl_backend_error {
    if (bereq.http.X-Asks-When-Purged) {
        # One second later than now, because responses in progress may still be old.
        set beresp.http.X-Purged-At = "" + std.time2real(now + 1s, 0.0);
        set beresp.ttl = 365d;
        set beresp.grace = 0s;
        return (deliver);
    }
    set beresp.http.Content-Type = "text/html; charset=utf-8";
    set beresp.http.Cache-Control = "no-store";
    set beresp.http.Retry-After = "60";
    set beresp.body = {"<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Temporarily unavailable</title>
<h1>Temporarily unavailable</h1>
<p>This page is not available at the moment. If you just sent us a form, we may not have it. Please go back, keep your
text, and send it again in a few minutes. If we already have it, it is not saved twice.
<p>Our phone numbers are on <a href="/">the front page</a>.
</html>
"};
    return (deliver);
}
