//! Input that fails when the parser asks for too many bytes at once.

use std::io::{self, BufRead, Read};

/// Reader with an allowance of bytes, which is renewed before each part of the file.
///
/// The parser collects a whole text or tag in memory. The allowance bounds that memory.
pub struct LimitedInput<R> {
    input: R,
    left: usize,
}

impl<R> LimitedInput<R> {
    pub fn new(input: R) -> Self {
        Self { input, left: 0 }
    }

    pub fn allow(&mut self, bytes: usize) {
        self.left = bytes;
    }

    pub fn is_used_up(&self) -> bool {
        self.left == 0
    }
}

impl<R: BufRead> Read for LimitedInput<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for LimitedInput<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(io::Error::other("the allowance is used up"));
        }
        let available = self.input.fill_buf()?;
        Ok(&available[..available.len().min(self.left)])
    }

    fn consume(&mut self, count: usize) {
        self.left = self.left.saturating_sub(count);
        self.input.consume(count);
    }
}
