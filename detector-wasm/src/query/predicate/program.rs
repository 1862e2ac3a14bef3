//! In: a predicate's tree. Out: it flattened into tests and jumps, which take no stack to run.

use super::{Clause, ClauseId, Node, Predicate};

/// A step of the program. The steps work on one truth value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Instruction {
    Set(bool),
    Test(ClauseId),
    Not,
    /// Goes to the step if the value is this one.
    JumpIf(bool, u32),
}

impl Predicate {
    #[inline]
    pub(super) fn run(&self, mut test: impl FnMut(ClauseId, &Clause) -> bool) -> bool {
        let mut truth = false;
        let mut at = 0;
        while let Some(step) = self.program.get(at) {
            at += 1;
            match step {
                Instruction::Set(value) => truth = *value,
                Instruction::Not => truth = !truth,
                Instruction::JumpIf(value, to) if truth == *value => at = *to as usize,
                Instruction::JumpIf(..) => {}
                Instruction::Test(id) => {
                    if let Some(Node::Clause(clause)) = self.node(*id) {
                        truth = test(*id, clause);
                    }
                }
            }
        }
        truth
    }
}

/// What is still to be written of a program.
enum Todo {
    Node(ClauseId),
    Not,
    /// The rest of a list whose members are joined by this truth value: it decides as soon as a
    /// member has it. Holds the next member's place and the jumps that await the list's end.
    Rest {
        list: ClauseId,
        next: usize,
        decides: bool,
        jumps: Vec<usize>,
    },
}

/// Flattens a tree without recursion: rules may nest as deep as they like.
pub(super) fn program(nodes: &[Node], root: ClauseId) -> Vec<Instruction> {
    let mut steps = Vec::new();
    let mut todo = vec![Todo::Node(root)];
    while let Some(next) = todo.pop() {
        match next {
            Todo::Not => steps.push(Instruction::Not),
            Todo::Node(id) => match nodes.get(id.0 as usize) {
                Some(Node::Constant(truth)) => steps.push(Instruction::Set(*truth)),
                Some(Node::Clause(_)) => steps.push(Instruction::Test(id)),
                Some(Node::Not(inner)) => {
                    todo.push(Todo::Not);
                    todo.push(Todo::Node(*inner));
                }
                Some(list @ (Node::All(_) | Node::Any(_))) => {
                    let decides = matches!(list, Node::Any(_));
                    todo.push(Todo::Rest { list: id, next: 0, decides, jumps: Vec::new() });
                }
                None => {}
            },
            Todo::Rest { list, next, decides, mut jumps } => {
                let members: &[ClauseId] = match nodes.get(list.0 as usize) {
                    Some(Node::All(members) | Node::Any(members)) => members,
                    _ => &[],
                };
                if next == 0 {
                    steps.push(Instruction::Set(!decides));
                } else {
                    jumps.push(steps.len());
                    steps.push(Instruction::JumpIf(decides, 0));
                }
                match members.get(next) {
                    Some(member) => {
                        todo.push(Todo::Rest { list, next: next + 1, decides, jumps });
                        todo.push(Todo::Node(*member));
                    }
                    None => {
                        let end = steps.len() as u32;
                        for jump in jumps {
                            if let Some(step) = steps.get_mut(jump) {
                                *step = Instruction::JumpIf(decides, end);
                            }
                        }
                    }
                }
            }
        }
    }
    steps
}
