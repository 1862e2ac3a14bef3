//! Work of many tenants in; the next piece out, so that each tenant with work gets an equal share of the time.
//!
//! Start-time fair queueing by what work has taken: the tenant that has had the least is next. One that comes
//! back from idling begins where the others are; what it didn't use is gone. A piece's cost is known only
//! once it is done, so it is guessed when it begins and put right when it ends.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// A tenant's place in the queue.
struct Share<J> {
    waiting: VecDeque<(J, u64)>,
    /// What it has had, by its weight.
    had: u64,
    weight: u64,
    running: usize,
}

/// The queue.
pub struct FairQueue<J> {
    shares: HashMap<Arc<str>, Share<J>>,
    /// What the tenant had that was served last: where newcomers begin.
    now: u64,
    waiting: usize,
    most_running: usize,
    /// The tenant that was served last, and how many pieces in a row it had.
    last: Option<Arc<str>>,
    in_a_row: u32,
}

impl<J> Default for FairQueue<J> {
    fn default() -> FairQueue<J> {
        FairQueue::new(usize::MAX)
    }
}

/// What a cost counts for a tenant of weight 1.
const UNIT: u64 = 16;

/// A tenant that has had so many pieces in a row is alone.
const ALONE: u32 = 64;

impl<J> FairQueue<J> {
    /// A queue that hands out at most so many pieces of a tenant at once, and one less (but one) while other tenants
    /// have work too: those find a processor free then, however long a piece takes.
    pub fn new(most_running: usize) -> FairQueue<J> {
        let (shares, last) = (HashMap::new(), None);
        FairQueue { shares, now: 0, waiting: 0, most_running, last, in_a_row: 0 }
    }

    /// Adds a piece of work, with a guess at its cost. Tenants of a higher weight get more.
    pub fn push(&mut self, tenant: &Arc<str>, weight: u64, job: J, guess: u64) {
        let now = self.now;
        let share = self.shares.entry(Arc::clone(tenant)).or_insert_with(|| Share {
            waiting: VecDeque::new(),
            had: now,
            weight,
            running: 0,
        });
        share.weight = weight.max(1);
        if share.waiting.is_empty() && share.running == 0 {
            share.had = share.had.max(now);
        }
        share.waiting.push_back((job, guess));
        self.waiting += 1;
    }

    /// The next piece, and whose it is; none where all that waits is of tenants that have as many running as they may.
    pub fn pop(&mut self) -> Option<(Arc<str>, J, u64)> {
        let left_free = usize::from(self.in_a_row < ALONE);
        let most = self.most_running.saturating_sub(left_free).max(1);
        let may_run = |share: &Share<J>| !share.waiting.is_empty() && share.running < most;
        let next = self.shares.iter().filter(|(_, share)| may_run(share));
        // Equal ones by name: the same work in gives the same order out.
        let (tenant, _) = next.min_by(|(one_name, one), (other_name, other)| {
            one.had.cmp(&other.had).then_with(|| one_name.cmp(other_name))
        })?;
        let tenant = Arc::clone(tenant);
        let share = self.shares.get_mut(&tenant)?;
        let (job, guess) = share.waiting.pop_front()?;
        self.now = self.now.max(share.had);
        share.had = share.had.saturating_add(guess.saturating_mul(UNIT) / share.weight);
        share.running += 1;
        self.waiting -= 1;
        let is_same = self.last.as_ref() == Some(&tenant);
        self.in_a_row = if is_same { self.in_a_row.saturating_add(1) } else { 0 };
        self.last = Some(Arc::clone(&tenant));
        Some((tenant, job, guess))
    }

    /// A piece is done: what it was guessed to cost, and what it did.
    pub fn done(&mut self, tenant: &str, guess: u64, cost: u64) {
        let Some(share) = self.shares.get_mut(tenant) else { return };
        share.had = share
            .had
            .saturating_sub(guess.saturating_mul(UNIT) / share.weight)
            .saturating_add(cost.saturating_mul(UNIT) / share.weight);
        share.running = share.running.saturating_sub(1);
        // Who has nothing to do and is owed nothing needs no place.
        if share.running == 0 && share.waiting.is_empty() && share.had <= self.now {
            self.shares.remove(tenant);
        }
    }

    /// Pieces that wait.
    pub fn len(&self) -> usize {
        self.waiting
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.waiting == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tenant of the simulation: its weight, what a piece costs, and what it is taken to cost.
    struct Tenant {
        name: Arc<str>,
        weight: u64,
        cost: u64,
        guess: u64,
    }

    /// Runs tenants that always have work on workers of a simulated clock; gives the time that each got.
    fn simulate(tenants: &[Tenant], workers: usize, until: u64) -> Vec<u64> {
        let mut queue = FairQueue::default();
        let push = |queue: &mut FairQueue<usize>, index: usize| {
            let tenant = &tenants[index];
            queue.push(&tenant.name, tenant.weight, index, tenant.guess);
        };
        for index in 0..tenants.len() {
            (0..4).for_each(|_| push(&mut queue, index));
        }
        let mut running: Vec<Option<(u64, usize, u64)>> = vec![None; workers];
        let (mut clock, mut got) = (0, vec![0; tenants.len()]);
        while clock < until {
            for slot in running.iter_mut().filter(|slot| slot.is_none()) {
                if let Some((_, index, guess)) = queue.pop() {
                    *slot = Some((clock + tenants[index].cost, index, guess));
                }
            }
            clock = running.iter().flatten().map(|(end, ..)| *end).min().unwrap();
            for slot in &mut running {
                if let Some((end, index, guess)) = *slot
                    && end == clock
                {
                    got[index] += tenants[index].cost;
                    queue.done(&tenants[index].name, guess, tenants[index].cost);
                    push(&mut queue, index);
                    *slot = None;
                }
            }
        }
        got
    }

    fn tenant(name: &str, weight: u64, cost: u64, guess: u64) -> Tenant {
        Tenant { name: name.into(), weight, cost, guess }
    }

    /// Shares as parts of a thousand.
    fn shares(got: &[u64]) -> Vec<u64> {
        let total: u64 = got.iter().sum();
        got.iter().map(|one| (one * 1000 + total / 2) / total).collect()
    }

    #[test]
    fn tenants_get_equal_shares_whatever_their_pieces_cost() {
        let tenants = [
            tenant("a", 1, 1, 1),
            tenant("b", 1, 10, 10),
            tenant("c", 1, 97, 1),
            tenant("d", 1, 30, 300),
        ];
        for workers in [1, 2] {
            for share in shares(&simulate(&tenants, workers, 1_000_000)) {
                assert!(share.abs_diff(250) <= 10, "{share} of 1000, {workers} workers");
            }
        }
    }

    #[test]
    fn a_weight_is_a_share() {
        let tenants = [tenant("a", 1, 7, 7), tenant("b", 2, 11, 11), tenant("c", 5, 13, 13)];
        let shares = shares(&simulate(&tenants, 1, 1_000_000));
        for (share, expected) in shares.into_iter().zip([125, 250, 625]) {
            assert!(share.abs_diff(expected) <= 10, "{share} is not {expected}");
        }
    }

    #[test]
    fn who_idled_catches_nothing_up_and_waits_for_nobody() {
        let (a, b): (Arc<str>, Arc<str>) = ("a".into(), "b".into());
        let mut queue = FairQueue::default();
        for _ in 0..1000 {
            queue.push(&a, 1, 'a', 10);
            let (tenant, _, guess) = queue.pop().unwrap();
            queue.done(&tenant, guess, 10);
        }
        (0..4).for_each(|_| queue.push(&a, 1, 'a', 10));
        (0..4).for_each(|_| queue.push(&b, 1, 'b', 10));
        let order: String = std::iter::from_fn(|| queue.pop()).map(|(_, job, _)| job).collect();
        assert!(["abababab", "babababa"].contains(&order.as_str()), "{order}");
    }

    #[test]
    fn who_is_alone_has_all_places_and_beside_others_all_but_one() {
        let (a, b): (Arc<str>, Arc<str>) = ("a".into(), "b".into());
        let mut queue = FairQueue::new(3);
        let next = |queue: &mut FairQueue<char>| queue.pop().map(|(_, job, _)| job);
        let running = |queue: &mut FairQueue<char>| {
            let count = std::iter::from_fn(|| next(queue)).count();
            (0..count).for_each(|_| queue.done(&a, 10, 10));
            count
        };
        (0..200).for_each(|_| queue.push(&a, 1, 'a', 10));
        assert_eq!(running(&mut queue), 2);
        while queue.len() > 100 {
            running(&mut queue);
        }
        assert_eq!(running(&mut queue), 3);
        queue.push(&b, 1, 'b', 10);
        let order: String = std::iter::from_fn(|| next(&mut queue)).collect();
        assert!(order.contains('b') && order.len() == 3, "{order}");
    }

    #[test]
    fn an_idle_tenant_takes_no_place() {
        let mut queue = FairQueue::default();
        for index in 0..1000 {
            let tenant: Arc<str> = format!("t{index}").into();
            queue.push(&tenant, 1, (), 0);
            let (tenant, (), guess) = queue.pop().unwrap();
            queue.done(&tenant, guess, 0);
        }
        assert!(queue.shares.is_empty());
    }
}
