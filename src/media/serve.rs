//! Serves the files of pictures.

use actix_web::http::header::{CACHE_CONTROL, ETag, EntityTag, IfNoneMatch};
use actix_web::web::{Data, Path};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};

use crate::http::{PageError, PageResult, is_not_modified};
use crate::media::store;
use crate::services::Services;

/// `GET /media/{hash}-{width}.{format}`. May be cached without a limit, because another picture has another address.
pub async fn show(request: HttpRequest, path: Path<(String, String, String)>, services: Data<Services>) -> PageResult {
    let (hash, width, format) = path.into_inner();
    let content_type = match format.as_str() {
        "webp" => "image/webp",
        "jpg" => "image/jpeg",
        _ => return Err(PageError::NotFound),
    };
    let pixels = width.parse::<u32>().map_err(|_| PageError::NotFound)?;
    if pixels.to_string() != width {
        return Err(PageError::NotFound);
    }
    let etag = EntityTag::new_strong(format!("{hash}-{width}-{format}"));
    let condition = request.get_header::<IfNoneMatch>();
    let content = store::find_file(services.db.read(), &hash, pixels, &format).await?.ok_or(PageError::NotFound)?;
    let is_not_modified = condition.is_some_and(|condition| is_not_modified(&condition, &etag));
    let mut response = if is_not_modified { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        // Feed readers and social media show pictures on their own pages.
        .insert_header(("cross-origin-resource-policy", "cross-origin"))
        .insert_header(ETag(etag));
    if is_not_modified {
        return Ok(response.finish());
    }
    Ok(response.content_type(content_type).body(content))
}
