//! Entry point of the program and its memory allocator.

use std::process::ExitCode;

/// Returns freed memory to the system after a second (`.cargo/config.toml`). The C library's allocator keeps the memory
/// of a burst of requests until the process ends.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    immigration_experts::cli::main()
}
