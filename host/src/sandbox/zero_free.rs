//! A configured instance in, the same instance without the leftovers of its work out.
//!
//! A snapshot keeps every byte that isn't zero. The configuration document, and all that was made on the
//! way from it to the rules, would still lie in memory that has long been freed.

use super::CallError;
use super::instance::Instance;

/// Up to this size each multiple of the alignment is asked for, above it only powers of two.
const SMALL: usize = 512;

/// What `malloc` aligns to.
const ALIGNMENT: usize = 8;

/// Sets what is free to zero: all that `malloc` can give without the memory growing is reserved, cleared,
/// and given back.
pub(super) fn zero_free(instance: &mut Instance) -> Result<(), CallError> {
    instance.forbid_growth(true);
    let cleared = clear_what_is_free(instance);
    instance.forbid_growth(false);
    cleared
}

fn clear_what_is_free(instance: &mut Instance) -> Result<(), CallError> {
    let mut taken = Vec::new();
    let mut size = instance.memory_bytes().next_power_of_two();
    while size > 0 {
        while let Some(range) = instance.reserve(size)? {
            taken.push(range.start);
            instance.bytes_mut(range).fill(0);
        }
        size = if size > SMALL { size / 2 } else { size - ALIGNMENT };
    }
    taken.into_iter().try_for_each(|start| instance.release(start))
}
