//! Asks for the current password again before a change to one's own account.

use actix_web::HttpRequest;

use crate::http::{PageError, client_ip};
use crate::services::Services;
use crate::staff::password::{HashError, Requester};
use crate::staff::{StaffMember, store};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CurrentPassword {
    Right,
    Wrong,
    /// The server could not check it now.
    Busy,
}

/// Checks the password of the signed-in member, with the same limits as sign-in.
pub async fn check(
    request: &HttpRequest,
    member: &StaffMember,
    password: String,
) -> Result<CurrentPassword, PageError> {
    let services = Services::of(request);
    let (email, address) = (&member.email, client_ip(request));
    services
        .attempt_limiter
        .check_and_count(email, address, services.clock.now())
        .map_err(PageError::TooManyRequests)?;
    let hash = store::credentials(services.db.read(), email).await?.map(|(_, hash)| hash);
    match services.passwords.verify(Requester::Known, password, hash).await {
        Err(HashError::Busy) => {
            services.attempt_limiter.cancel_attempt(None, email, address);
            Ok(CurrentPassword::Busy)
        }
        Err(HashError::Failed(error)) => Err(error.into()),
        Ok(false) => Ok(CurrentPassword::Wrong),
        Ok(true) => {
            services.attempt_limiter.reset(email, address);
            Ok(CurrentPassword::Right)
        }
    }
}
