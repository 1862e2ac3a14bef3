//! In: sizes that a host wants to write, and addresses it has done with. Out: addresses.
//!
//! Two kinds of hosts share `malloc` and `free`. One of the C interface keeps what it reserves from call
//! to call. A log shipper reserves two strings for each record, lends them to a call, and then either
//! gives them back or, in older versions, never does. So a string that was lent is the module's from
//! the next such call on: what the shipper hasn't given back by then is taken back. Whatever
//! is given back a second time, or was never reserved, is left alone.
//!
//! Small reservations come from a few slots at fixed addresses, which costs an interpreter a handful
//! of instructions instead of a walk through the allocator.

#![allow(unsafe_code)]

use std::alloc::{Layout, alloc, dealloc};
use std::cell::{RefCell, UnsafeCell};

/// What every reservation is aligned to.
const ALIGN: usize = 8;

/// The size of a slot: nearly every record fits.
const SLOT_BYTES: usize = 16 << 10;

/// Two strings of this call and two of the one before, which aren't taken back any sooner.
const SLOTS: usize = 4;

/// The bytes of the slots.
#[repr(align(16))]
struct Arena(UnsafeCell<[u8; SLOTS * SLOT_BYTES]>);

// SAFETY: the module has one thread.
unsafe impl Sync for Arena {}

static ARENA: Arena = Arena(UnsafeCell::new([0; SLOTS * SLOT_BYTES]));

/// Who has a slot.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Idle,
    /// The host, for as long as it likes.
    Reserved,
    /// The host, until the next call that strings are lent to.
    Lent,
}

/// A reservation beside the slots.
#[derive(Clone, Copy)]
struct Block {
    address: usize,
    size: usize,
}

struct Reservations {
    slots: [Owner; SLOTS],
    /// By address.
    blocks: Vec<Block>,
    /// The addresses of blocks that are lent; 0 for none.
    lent: [usize; 2],
}

thread_local! {
    static RESERVATIONS: RefCell<Reservations> = const {
        RefCell::new(Reservations { slots: [Owner::Idle; SLOTS], blocks: Vec::new(), lent: [0; 2] })
    };
}

/// Reserves `size` bytes for the host; 0 when there are none.
pub(super) fn reserve(size: usize) -> usize {
    // The cell is never borrowed twice: nothing in here calls anything that leads back.
    with(|reservations| reservations.reserve(size)).flatten().unwrap_or(0)
}

/// Takes a reservation back. Any other address is left alone.
pub(super) fn release(address: usize) {
    with(|reservations| reservations.release(address));
}

/// Whether a range lies inside of one reservation that is the host's now: reserved, or lent and not given
/// back. Any other is no argument: it may be the module's own state.
pub(super) fn holds(start: usize, len: usize) -> bool {
    with(|reservations| reservations.holds(start, len)) == Some(true)
}

/// Takes back what was lent to the call before and hasn't been given back since, and remembers what is
/// lent to this one. What isn't a reservation is left alone.
pub(super) fn lend(strings: [usize; 2]) {
    with(|reservations| reservations.lend(strings));
}

fn with<R>(act: impl FnOnce(&mut Reservations) -> R) -> Option<R> {
    RESERVATIONS.with(|cell| cell.try_borrow_mut().ok().map(|mut all| act(&mut all)))
}

impl Reservations {
    fn reserve(&mut self, size: usize) -> Option<usize> {
        if size <= SLOT_BYTES
            && let Some(place) = self.slots.iter().position(|slot| *slot == Owner::Idle)
            && let Some(slot) = self.slots.get_mut(place)
        {
            *slot = Owner::Reserved;
            return Some(arena() + place * SLOT_BYTES);
        }
        self.blocks.try_reserve(1).ok()?;
        let size = size.max(1);
        let layout = Layout::from_size_align(size, ALIGN).ok()?;
        // SAFETY: the layout's size isn't zero.
        let address = unsafe { alloc(layout) } as usize;
        if address == 0 {
            return None;
        }
        let place = self.blocks.partition_point(|block| block.address < address);
        self.blocks.insert(place, Block { address, size });
        Some(address)
    }

    fn release(&mut self, address: usize) {
        if let Some(slot) = self.slot(address) {
            *slot = Owner::Idle;
            return;
        }
        let Some(place) = self.block(address) else { return };
        let block = self.blocks.remove(place);
        for lent in &mut self.lent {
            if *lent == address {
                *lent = 0;
            }
        }
        if let Ok(layout) = Layout::from_size_align(block.size, ALIGN) {
            // SAFETY: the block is on the list, so `reserve` got it from the allocator with this
            // layout and it hasn't been given back since.
            unsafe { dealloc(block.address as *mut u8, layout) };
        }
    }

    fn holds(&self, start: usize, len: usize) -> bool {
        let Some(end) = start.checked_add(len) else { return false };
        if let Some(offset) = start.checked_sub(arena())
            && let Some(slot) = self.slots.get(offset / SLOT_BYTES)
        {
            return *slot != Owner::Idle && offset % SLOT_BYTES + len <= SLOT_BYTES;
        }
        // The last block that begins at or before the range.
        let place = self.blocks.partition_point(|block| block.address <= start);
        let block = place.checked_sub(1).and_then(|place| self.blocks.get(place));
        block.is_some_and(|block| end <= block.address + block.size)
    }

    fn lend(&mut self, strings: [usize; 2]) {
        for slot in &mut self.slots {
            if *slot == Owner::Lent {
                *slot = Owner::Idle;
            }
        }
        for address in std::mem::take(&mut self.lent) {
            if address != 0 && !strings.contains(&address) {
                self.release(address);
            }
        }
        let [tag, record] = strings;
        self.lent = [self.lend_one(tag), self.lend_one(record)];
    }

    /// Marks a string as lent; gives its address if it is a block, else 0.
    fn lend_one(&mut self, address: usize) -> usize {
        if let Some(slot) = self.slot(address) {
            *slot = Owner::Lent;
            return 0;
        }
        if self.block(address).is_some() { address } else { 0 }
    }

    /// The slot that begins at an address.
    fn slot(&mut self, address: usize) -> Option<&mut Owner> {
        let offset = address.checked_sub(arena())?;
        if offset % SLOT_BYTES != 0 {
            return None;
        }
        self.slots.get_mut(offset / SLOT_BYTES)
    }

    /// The place on the list of the block that begins at an address.
    fn block(&self, address: usize) -> Option<usize> {
        self.blocks.binary_search_by_key(&address, |block| block.address).ok()
    }
}

fn arena() -> usize {
    ARENA.0.get() as usize
}
