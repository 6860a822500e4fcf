//! Local variables: which one an instruction names. Its type comes first, then one variable of
//! that type after the other is asked for: is it this one?

use crate::model::{self, Kind, mix};

/// A function has no more.
pub const MOST: usize = 256;

/// All types, frequent ones first: i32, v128, f32, i64, f64.
const TYPES: [u8; 5] = [0x7f, 0x7b, 0x7d, 0x7e, 0x7c];

pub const GET: u32 = 0x20;
pub const SET: u32 = 0x21;

/// A local's facts: its type, whether it is a parameter,
const PARAMETER: u32 = 1 << 7;
/// how often it was read since it was written (up to 3), the instruction that named it last.
const READ: u32 = 1 << 16;
const MUCH_READ: u32 = 3 * READ;
const OPCODE: u32 = 24;

/// Ranks of the one that is expected and of the first one never named.
const EXPECTED: u32 = 63;
const FRESH: u32 = 62;

pub struct Locals {
    n: usize,
    /// How many were named; `recent` has them first, the last one at its start, then the others.
    named: usize,
    recent: [u8; MOST],
    facts: [u32; MOST],
    /// What was written into it last.
    sources: [u32; MOST],
    last: u32,
}

/// What stands around an instruction.
pub struct Surroundings {
    pub opcode: u32,
    pub before: u32,
    /// The opcodes from one before to one behind, two before to two behind, up to two behind.
    pub near: u32,
    pub wide: u32,
    pub ahead: u32,
    /// What is expected of `Repeats`: a local's place in `recent`, or where bytes are.
    pub expected: usize,
    pub trust: u32,
}

impl Locals {
    pub const fn new() -> Locals {
        let nothing = [0; MOST];
        Locals {
            n: 0,
            named: 0,
            recent: [0; MOST],
            facts: nothing,
            sources: nothing,
            last: 0,
        }
    }

    /// Forgets another function's.
    pub fn clear(&mut self) {
        (self.n, self.named, self.last) = (0, 0, 0);
    }

    /// Adds one; whether there was room.
    pub unsafe fn add(&mut self, kind: u32, parameter: bool) -> bool {
        let n = self.n;
        if n == MOST {
            return false;
        }
        self.n += 1;
        *self.recent.get_unchecked_mut(n) = n as u8;
        *self.facts.get_unchecked_mut(n) = kind | if parameter { PARAMETER } else { 0 };
        *self.sources.get_unchecked_mut(n) = 0;
        true
    }

    unsafe fn kind(&self, at: usize) -> u32 {
        self.facts(self.local(at)) & 0x7f
    }

    unsafe fn local(&self, at: usize) -> u32 {
        *self.recent.get_unchecked(at) as u32
    }

    unsafe fn facts(&self, local: u32) -> u32 {
        *self.facts.get_unchecked(local as usize & (MOST - 1))
    }

    /// Whether it is the local at a place of `recent`.
    #[inline(never)]
    unsafe fn ask(&self, around: &Surroundings, at: usize, rank: u32, known: u32) -> bool {
        let local = self.local(at);
        let facts = self.facts(local);
        let key = mix(*self.sources.get_unchecked(local as usize), facts);
        let role = if around.opcode == SET {
            around.before
        } else {
            around.ahead
        };
        model::bit(
            Kind::Local,
            facts | rank << 8 | (around.opcode & 3) << 20,
            mix(role, key),
            mix(around.wide, rank << 8 | facts & 0x7f),
            if rank == EXPECTED { around.trust } else { 0 },
            (known == local) as u32,
        ) == 1
    }

    unsafe fn find(&self, around: &Surroundings, known: u32) -> Option<usize> {
        let expected = around.expected;
        let guess = if expected < self.n {
            self.kind(expected)
        } else {
            0
        };
        let a = around.wide;
        let b = mix(around.near, self.facts(self.last) & 0x7f);
        let c = mix(mix(around.ahead, guess), around.trust);
        let known_kind = self.facts(known) & 0x7f;
        let mut i = 0;
        let kind = loop {
            let kind = TYPES[i] as u32;
            if model::bit(Kind::Type, a, b, c, i as u32, (known_kind == kind) as u32) == 1 {
                break kind;
            }
            i += 1;
            if i == TYPES.len() {
                return None;
            }
        };
        let (mut asked, mut fresh) = (MOST, MOST);
        if guess == kind {
            if self.ask(around, expected, EXPECTED, known) {
                return Some(expected);
            }
            asked = expected;
        }
        if around.opcode != GET {
            // Variables are numbered in the order in which they are written first.
            for at in self.named..self.n {
                if self.kind(at) == kind
                    && self.facts(self.local(at)) & PARAMETER == 0
                    && at != asked
                {
                    if self.ask(around, at, FRESH, known) {
                        return Some(at);
                    }
                    fresh = at;
                    break;
                }
            }
        }
        let mut rank = 0;
        for at in 0..self.n {
            if self.kind(at) != kind || at == asked || at == fresh {
                continue;
            }
            if self.ask(around, at, rank, known) {
                return Some(at);
            }
            rank = (rank + 1).min(FRESH - 1);
        }
        None
    }

    /// The local that the instruction names and its place in `recent`; none if the stream is
    /// damaged.
    #[inline(never)]
    pub unsafe fn next(&mut self, around: &Surroundings, known: u32) -> Option<(u32, u32)> {
        let place = self.find(around, known)?;
        let local = self.local(place);
        let mut at = place;
        while at > 0 {
            *self.recent.get_unchecked_mut(at) = self.local(at - 1) as u8;
            at -= 1;
        }
        *self.recent.get_unchecked_mut(0) = local as u8;
        self.last = local;
        let opcode = around.opcode;
        let facts = self.facts.get_unchecked_mut(local as usize);
        self.named += (*facts >> OPCODE == 0) as usize;
        let kept = *facts & (PARAMETER | 0x7f) | opcode << OPCODE;
        if opcode == GET {
            let read = *facts & MUCH_READ;
            *facts = kept | if read < MUCH_READ { read + READ } else { read };
        } else {
            *facts = kept;
            *self.sources.get_unchecked_mut(local as usize) = mix(around.before, opcode);
        }
        Some((local, place as u32))
    }
}
