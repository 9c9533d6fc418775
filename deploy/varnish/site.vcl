# Varnish in front of the site: pages from memory, also while the site is down, and new ones the moment they are
# published. Needs Varnish 7 and no further module (Debian: varnish).
#
#   varnishd -a 127.0.0.1:6081 -f /etc/varnish/site.vcl -s malloc,256m -p http_gzip_support=off
#
# The site makes its own compressed copies, brotli among them; without http_gzip_support=off Varnish asks for gzip only.
# The site gets TRUSTED_PROXIES=127.0.0.1 and PURGE_URL=http://127.0.0.1:6081/. Varnish speaks no TLS: Caddy goes before it.

vcl 4.1;

import std;

backend site {
    .host = "127.0.0.1";
    .port = "8080";
    # An import of all rounds, and a list of 100,000 inquiries, begin to answer well within this.
    .first_byte_timeout = 60s;
    .probe = {
        .url = "/health";
        .interval = 2s;
        .timeout = 1s;
        .window = 3;
        .threshold = 2;
        .initial = 2;
    }
}

# Who may say that pages are out of date: the site itself.
acl site_itself {
    "127.0.0.1";
    "::1";
}

sub vcl_recv {
    # What decides below, and the name of the request in the site's log, is not for visitors to say.
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

    # Meant for who runs the site, who asks it directly.
    if (req.url ~ "^/(metrics|health/ready)([?]|$)") {
        return (synth(404));
    }

    # Forms, what visitors sent, and the admin area: always the site itself, with everything that was sent.
    if ((req.method != "GET" && req.method != "HEAD") || req.url ~ "^/(admin|apply|contact|receipts|health)([/?]|$)") {
        return (pass);
    }

    # Everything else is the same for everybody.
    set req.http.X-Public = "yes";
    unset req.http.Cookie;
    call one_address;
    call one_encoding;
    # The first of two lookups: when the pages were last purged. See vcl_deliver.
    if (!req.http.X-Purged-At) {
        set req.http.X-Asks-When-Purged = "yes";
        return (hash);
    }
    call how_old;
}

# VCL has no variables that outlive a request. One object in the cache takes their place: it says when the pages were last
# purged, and a purge removes it.
sub vcl_hash {
    if (req.http.X-Asks-When-Purged) {
        hash_data("when the pages were last purged");
        return (lookup);
    }
}

# That object comes from no backend.
sub vcl_backend_fetch {
    if (bereq.http.X-Asks-When-Purged) {
        return (error(200, "Made here"));
    }
    unset bereq.http.X-Purged-At;
}

# "PURGE / HTTP/1.1" with "Surrogate-Key: pages": from now on no page that was made before may be shown, unless the
# site cannot be reached. Nothing is thrown away, so that what the site showed last outlives the site.
sub purge_request {
    # Varnish itself has written who asks. A second name would be one that somebody asked for from farther away.
    if (client.ip !~ site_itself || req.http.X-Forwarded-For ~ ",") {
        return (synth(403));
    }
    if (req.http.Surrogate-Key != "pages") {
        return (synth(400, "The one key is: pages"));
    }
    set req.http.X-Asks-When-Purged = "yes";
    return (purge);
}

# The site has one name, and what advertisers append changes no page.
sub one_address {
    set req.http.Host = std.tolower(regsub(req.http.Host, ":(80|443)$", ""));
    if (req.url ~ "[?&](utm_[a-z_]+|fbclid|gclid|gbraid|wbraid|msclkid|mc_cid|mc_eid)=") {
        set req.url = regsuball(req.url, "(utm_[a-z_]+|fbclid|gclid|gbraid|wbraid|msclkid|mc_cid|mc_eid)=[^&]*&?", "");
        set req.url = regsub(req.url, "[?&]+$", "");
    }
}

# The three that the site makes, instead of a copy for every browser's own list; which of them it likes better is not looked at.
sub one_encoding {
    if (req.http.Accept-Encoding ~ "(^|[ ,])br( *;[^,]*[1-9][^,]*)?( *,|$)") {
        set req.http.Accept-Encoding = "br";
    } else if (req.http.Accept-Encoding ~ "(^|[ ,])gzip( *;[^,]*[1-9][^,]*)?( *,|$)") {
        set req.http.Accept-Encoding = "gzip";
    } else {
        unset req.http.Accept-Encoding;
    }
}

# How old a page may be that is shown. The site's headers say it: a minute; another one while a new one is fetched;
# a day when the site is down. After a purge only what was made since, for as long as an older one could be about.
sub how_old {
    if (req.http.X-Old-Is-Welcome || !std.healthy(site)) {
        set req.ttl = 1d;
        set req.grace = 1d;
        return;
    }
    set req.grace = 60s;
    if (req.url !~ "^/static/") {
        set req.ttl = now - std.time(req.http.X-Purged-At, now);
        # None at all would count as no limit.
        if (req.ttl <= 0s) {
            set req.ttl = 1ms;
        }
        if (req.ttl < 120s) {
            set req.grace = 0s;
        }
    }
}

sub vcl_backend_response {
    # An error is not kept in place of the page it could not replace.
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
    # The second lookup is for the page itself.
    if (req.http.X-Asks-When-Purged) {
        set req.http.X-Purged-At = resp.http.X-Purged-At;
        return (restart);
    }
    # The site has just gone, and nobody has noticed yet: then an old page is better than none.
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
        # A second later than now: answers under way at this moment may still be old ones.
        set beresp.http.X-Purged-At = "" + std.time2real(now + 1s, 0.0);
        set beresp.ttl = 365d;
        set beresp.grace = 0s;
        return (deliver);
    }
    set beresp.http.Content-Type = "text/html; charset=utf-8";
    set beresp.http.Cache-Control = "no-store";
    set beresp.http.Retry-After = "60";
    set beresp.body = {"<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Not just now</title>
<h1>Not just now</h1>
<p>This page cannot be shown at the moment. If you sent us something just now, we may not have it: please go back, keep
what you typed, and send it again in a few minutes. Sent twice, it arrives once.
<p>Our telephone numbers are on <a href="/">the front page</a>.
</html>
"};
    return (deliver);
}
