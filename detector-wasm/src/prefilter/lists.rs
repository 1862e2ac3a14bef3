//! Lists of numbers, one for each number from 0 on, in two vectors.

/// Lists by number.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// Where each list ends.
    ends: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    /// So many lists of what the pairs say: a list's number, and a member. Members keep their order.
    pub(super) fn new(count: usize, pairs: &[(u32, u32)]) -> Lists {
        let mut ends = vec![0_u32; count];
        for (list, _) in pairs {
            if let Some(length) = ends.get_mut(*list as usize) {
                *length += 1;
            }
        }
        let mut sum = 0;
        for end in &mut ends {
            // Where the list begins, until its members have come.
            (*end, sum) = (sum, sum + *end);
        }
        let mut items = vec![0; sum as usize];
        for (list, member) in pairs {
            if let Some(at) = ends.get_mut(*list as usize) {
                if let Some(item) = items.get_mut(*at as usize) {
                    *item = *member;
                }
                *at += 1;
            }
        }
        Lists { ends, items }
    }

    /// Adds a list behind the others, and gives its number.
    pub(super) fn push(&mut self, members: &[u32]) -> u32 {
        self.items.extend_from_slice(members);
        self.ends.push(self.items.len() as u32);
        self.ends.len() as u32 - 1
    }

    pub(super) fn get(&self, list: u32) -> &[u32] {
        let at = list as usize;
        let from = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let to = self.ends.get(at).copied().unwrap_or(0);
        self.items.get(from as usize..to as usize).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Lists;

    #[test]
    fn lists_of_pairs() {
        let mut lists = Lists::new(3, &[(2, 7), (0, 1), (2, 5), (9, 9)]);
        assert_eq!(lists.push(&[4, 4]), 3);
        let all: Vec<&[u32]> = (0..5).map(|list| lists.get(list)).collect();
        assert_eq!(all, [&[1][..], &[], &[7, 5], &[4, 4], &[]]);
    }
}
