//! The memory that requests hold while they are read, judged and answered, shared fairly among tenants.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of bodies and of alerts on their way that are held at once, of all tenants.
///
/// A tenant holds no more than it leaves free. So one alone may take half of all, two a third each, and there
/// is always room for another that comes.
#[derive(Clone)]
pub struct InFlight {
    most: u64,
    held: Arc<AtomicU64>,
}

/// A part of those, given back when it is dropped.
#[derive(Debug)]
pub struct Room {
    most: u64,
    held: Arc<AtomicU64>,
    held_by_tenant: Arc<AtomicU64>,
    bytes: u64,
}

/// Why there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRoom {
    /// The tenant holds its share.
    Tenant,
    /// All of it is held.
    Host,
}

impl InFlight {
    /// Room for so many bytes.
    pub fn new(most: u64) -> InFlight {
        InFlight { most, held: Arc::default() }
    }

    /// A tenant's room, none of it taken yet.
    pub fn room(&self, held_by_tenant: &Arc<AtomicU64>) -> Room {
        Room {
            most: self.most,
            held: Arc::clone(&self.held),
            held_by_tenant: Arc::clone(held_by_tenant),
            bytes: 0,
        }
    }

    /// Bytes that are held.
    pub fn held(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }
}

impl Room {
    /// Whether so many more bytes fit now.
    ///
    /// # Errors
    /// [`NoRoom`] says who holds too much.
    pub fn fits(&self, bytes: u64) -> Result<(), NoRoom> {
        let all = self.held.load(Ordering::Acquire).saturating_add(bytes);
        let own = self.held_by_tenant.load(Ordering::Acquire).saturating_add(bytes);
        self.judge(all, own)
    }

    fn judge(&self, all: u64, own: u64) -> Result<(), NoRoom> {
        match self.most.checked_sub(all) {
            None => Err(NoRoom::Host),
            Some(free) if own > free => Err(NoRoom::Tenant),
            Some(_) => Ok(()),
        }
    }

    /// Takes more, if there is as much.
    ///
    /// # Errors
    /// [`NoRoom`] says who holds too much.
    pub fn grow(&mut self, bytes: u64) -> Result<(), NoRoom> {
        let (all, own) = self.add(bytes);
        let fits = self.judge(all, own);
        if fits.is_err() {
            self.subtract(bytes);
        }
        fits
    }

    /// Takes more, whether or not there is as much: for what is held already. Others wait meanwhile.
    pub fn force(&mut self, bytes: u64) {
        self.add(bytes);
    }

    /// The bytes taken.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Gives all back but so many bytes.
    pub fn shrink_to(&mut self, bytes: u64) {
        self.subtract(self.bytes.saturating_sub(bytes));
    }

    fn add(&mut self, bytes: u64) -> (u64, u64) {
        self.bytes += bytes;
        let all = self.held.fetch_add(bytes, Ordering::AcqRel).saturating_add(bytes);
        (all, self.held_by_tenant.fetch_add(bytes, Ordering::AcqRel).saturating_add(bytes))
    }

    fn subtract(&mut self, bytes: u64) {
        self.bytes -= bytes;
        self.held.fetch_sub(bytes, Ordering::AcqRel);
        self.held_by_tenant.fetch_sub(bytes, Ordering::AcqRel);
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.subtract(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_leaves_as_much_room_as_it_holds() {
        let in_flight = InFlight::new(100);
        let tenants: [Arc<AtomicU64>; 3] = Default::default();
        let mut rooms: Vec<Room> = tenants.iter().map(|tenant| in_flight.room(tenant)).collect();
        assert_eq!(rooms[0].grow(51), Err(NoRoom::Tenant));
        assert_eq!(rooms[0].grow(50), Ok(()));
        assert_eq!(in_flight.room(&tenants[0]).fits(1), Err(NoRoom::Tenant));
        assert_eq!(rooms[1].grow(25), Ok(()));
        assert_eq!(rooms[1].fits(1), Err(NoRoom::Tenant));
        // However many there are, another one finds room.
        assert_eq!(rooms[2].grow(12), Ok(()));
        assert_eq!(rooms[2].fits(20), Err(NoRoom::Host));
        rooms[1].force(20);
        assert_eq!(in_flight.held(), 107);
        rooms[0].shrink_to(10);
        assert_eq!(in_flight.held(), 67);
        drop(rooms);
        assert_eq!(in_flight.held(), 0);
        assert!(tenants.iter().all(|tenant| tenant.load(Ordering::Relaxed) == 0));
    }
}
