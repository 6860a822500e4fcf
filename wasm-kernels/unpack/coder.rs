//! Bits from bytes, each of as many bytes as its chance was small: a range coder, as LZMA's. The
//! packer does the same the other way around.

/// Makes room for a bit: before all else, when little has to be kept meanwhile.
#[inline(always)]
pub unsafe fn prepare() {
    while RANGE >> 24 == 0 {
        RANGE <<= 8;
        half::shift();
    }
}

static mut RANGE: u32 = 0;

#[cfg(not(pack))]
mod half {
    use super::*;

    static mut AT: *const u8 = core::ptr::null();
    static mut END: *const u8 = core::ptr::null();
    /// Where in the range the bytes are.
    static mut CODE: u32 = 0;
    /// Whether more bytes were asked for than there are.
    static mut SHORT: bool = false;

    #[inline(never)]
    pub unsafe fn shift() {
        CODE <<= 8;
        if AT == END {
            SHORT = true;
        } else {
            CODE |= *AT as u32;
            AT = AT.add(1);
        }
    }

    pub unsafe fn start(source: *const u8, end: *const u8) {
        (AT, END, RANGE) = (source, end, !0);
        for _ in 0..4 {
            shift();
        }
    }

    /// The next bit, which is 1 with the chance `chance` of 2^16.
    #[inline(always)]
    pub unsafe fn bit(chance: u32, _known: u32) -> u32 {
        let bound = ((RANGE as u64 * chance as u64) >> 16) as u32;
        if CODE < bound {
            RANGE = bound;
            1
        } else {
            RANGE -= bound;
            CODE -= bound;
            0
        }
    }

    /// Whether there were enough bytes.
    pub unsafe fn whole() -> bool {
        !SHORT
    }

    /// Whether all bytes are used and say nothing more.
    pub unsafe fn ended() -> bool {
        prepare();
        AT == END && CODE == 0
    }
}

#[cfg(pack)]
mod half {
    use super::*;

    static mut TO: *mut u8 = core::ptr::null_mut();
    static mut LOW: u64 = 0;

    pub unsafe fn shift() {
        if LOW >> 32 != 0 {
            // A carry into the bytes that are out already.
            let mut at = TO.sub(1);
            while *at == 255 {
                *at = 0;
                at = at.sub(1);
            }
            *at += 1;
        }
        *TO = (LOW >> 24) as u8;
        TO = TO.add(1);
        LOW = LOW << 8 & 0xffff_ffff;
    }

    pub unsafe fn start(out: *const u8, _end: *const u8) {
        (TO, RANGE) = (out as *mut u8, !0);
    }

    pub unsafe fn bit(chance: u32, known: u32) -> u32 {
        let bound = ((RANGE as u64 * chance as u64) >> 16) as u32;
        if known == 1 {
            RANGE = bound;
        } else {
            LOW += bound as u64;
            RANGE -= bound;
        }
        known
    }

    pub unsafe fn whole() -> bool {
        true
    }

    /// Writes what is left.
    pub unsafe fn ended() -> bool {
        prepare();
        for _ in 0..4 {
            shift();
        }
        true
    }

    /// Where the bytes end.
    #[unsafe(no_mangle)]
    pub unsafe extern "C" fn packed_end() -> *mut u8 {
        TO
    }
}

pub use half::{bit, ended, start, whole};
