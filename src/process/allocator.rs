//! A global allocator that wipes every block when it is freed.
//!
//! `zeroize` covers our own buffers; this covers those of hyper, rustls and serde, which free
//! copies of a value that nobody else can reach. It costs one pass over each freed block.

use std::alloc::{GlobalAlloc, Layout, System};

/// Wipes on free; everything else is the system's allocator.
#[derive(Debug)]
pub(crate) struct Wiping;

// There is deliberately no `realloc`: the default allocates anew, copies, and frees through
// `dealloc`, so that the old block is wiped. The system's `realloc` would leave a copy behind.
//
// SAFETY: every call goes to `System` with the same layout; between the last use of a block and its
// release only bytes of that block are written.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are passed on unchanged.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are passed on unchanged.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: `ptr` is a live block of `layout.size()` bytes, as the caller promises.
        unsafe {
            std::ptr::write_bytes(ptr, 0, layout.size());
        }
        // Without a use after the write the compiler may drop the write: the block is freed next.
        // SAFETY: an empty block of assembly; it only claims to read the memory behind `ptr`.
        unsafe {
            std::arch::asm!("/* {0} */", in(reg) ptr, options(nostack, readonly, preserves_flags));
        }
        // SAFETY: the caller's promises are passed on unchanged.
        unsafe { System.dealloc(ptr, layout) }
    }
}
