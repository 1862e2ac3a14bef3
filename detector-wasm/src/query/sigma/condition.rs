//! In: a rule's condition. Out: a node of the predicate, or what is wrong with the condition.
//!
//! From loosest to tightest: `or`, `and`, `not`, `1 of`/`all of`, parentheses. What is open is kept on a
//! list, so that a condition may nest without taking stack.

use std::ops::Range;

use crate::pattern::{Case, Pattern, Piece};
use crate::query::nearest::nearest;
use crate::query::notice::Notice;
use crate::query::predicate::{Builder, ClauseId};

/// How deep parentheses may nest.
const DEEPEST: usize = 1_000;

/// How many clauses a rule's conditions may have in all, counted as often as they name them.
const MOST_CLAUSES: usize = 200_000;

/// A search that the condition may name.
#[derive(Debug)]
pub(super) struct Detection<'t> {
    pub(super) name: &'t str,
    pub(super) node: ClauseId,
    /// How many clauses it has.
    pub(super) size: usize,
    pub(super) used: bool,
}

/// A word or sign and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Token<'t> {
    text: &'t str,
    at: usize,
}

impl Token<'_> {
    fn is(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }

    fn span(&self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }
}

/// What stands between two parentheses.
#[derive(Debug, Default)]
struct Group {
    /// Where the parenthesis opens.
    at: usize,
    /// Whether an odd number of `not` stands before it.
    negated: bool,
    ors: Vec<ClauseId>,
    ands: Vec<ClauseId>,
    /// Whether one of the members of `ors` is several joined by `and`.
    mixed: bool,
}

/// Reads a condition. Spans of notices are ranges of `text`.
pub(super) fn parse(
    text: &str,
    detections: &mut [Detection<'_>],
    builder: &mut Builder,
    notes: &mut Vec<Notice>,
    clauses: &mut usize,
) -> Result<ClauseId, Notice> {
    let mut parser = Parser { detections, builder, notes, clauses };
    parser.run(text)
}

struct Parser<'p, 't> {
    detections: &'p mut [Detection<'t>],
    builder: &'p mut Builder,
    notes: &'p mut Vec<Notice>,
    /// How many clauses the rule's conditions have so far.
    clauses: &'p mut usize,
}

impl Parser<'_, '_> {
    fn run(&mut self, text: &str) -> Result<ClauseId, Notice> {
        let mut tokens = tokens(text).peekable();
        let mut frames = vec![Group::default()];
        let mut negated = false;
        let mut wants_operand = true;
        while let Some(token) = tokens.next() {
            if token.text == "|" {
                return Err(aggregation(token));
            }
            if !wants_operand {
                wants_operand = match token {
                    _ if token.is("and") => true,
                    _ if token.is("or") => {
                        self.or(&mut frames);
                        true
                    }
                    Token { text: ")", .. } => {
                        let inner = frames.pop().filter(|_| !frames.is_empty());
                        let Some(inner) = inner else {
                            let message = "this parenthesis closes none";
                            return Err(Notice::error("sigma-parenthesis", token.span(), message));
                        };
                        let negated = inner.negated;
                        let node = self.close(inner);
                        self.operand(&mut frames, node, negated);
                        false
                    }
                    _ if token.is("near") => return Err(aggregation(token)),
                    _ => return Err(expected(token, "`and`, `or` or the condition's end")),
                };
                continue;
            }
            match token {
                _ if token.is("not") => negated = !negated,
                Token { text: "(", .. } => {
                    if frames.len() > DEEPEST {
                        let message = format!("parentheses nest deeper than {DEEPEST}");
                        return Err(Notice::error("sigma-deep", token.span(), message));
                    }
                    let negated = std::mem::take(&mut negated);
                    frames.push(Group { at: token.at, negated, ..Group::default() });
                }
                _ if token.is("and") || token.is("or") || token.text == ")" => {
                    return Err(expected(token, "the name of a search, `not` or `(`"));
                }
                _ => {
                    let of = tokens.next_if(|next| next.is("of"));
                    let node = match of {
                        Some(of) => self.select(token, of, tokens.next())?,
                        None => self.named(token)?,
                    };
                    self.operand(&mut frames, node, std::mem::take(&mut negated));
                    wants_operand = false;
                }
            }
        }
        if wants_operand {
            let end = text.len()..text.len();
            let message = "the condition ends where the name of a search is expected";
            return Err(Notice::error("sigma-condition", end, message));
        }
        let last = frames.pop().unwrap_or_default();
        if !frames.is_empty() {
            let message = "this parenthesis isn't closed";
            return Err(Notice::error("sigma-parenthesis", last.at..last.at + 1, message));
        }
        Ok(self.close(last))
    }

    fn operand(&mut self, frames: &mut [Group], node: ClauseId, negated: bool) {
        let node = if negated { self.builder.not(node) } else { node };
        if let Some(frame) = frames.last_mut() {
            frame.ands.push(node);
        }
    }

    /// Ends what `and` joins.
    fn or(&mut self, frames: &mut [Group]) {
        if let Some(frame) = frames.last_mut() {
            frame.mixed |= frame.ands.len() > 1;
            let ands = std::mem::take(&mut frame.ands);
            frame.ors.push(self.builder.all(ands));
        }
    }

    /// The node of all that stands between two parentheses.
    fn close(&mut self, frame: Group) -> ClauseId {
        let mut frame = [frame];
        self.or(&mut frame);
        let [frame] = frame;
        if frame.mixed && frame.ors.len() > 1 && self.notes.is_empty() {
            let message = "`and` binds tighter than `or` here";
            let notice = Notice::warning("sigma-mixed-and-or", frame.at..frame.at, message);
            self.notes.push(notice.hint("put parentheses around what belongs together"));
        }
        self.builder.any(frame.ors)
    }

    fn count(&mut self, clauses: usize, span: Range<usize>) -> Result<(), Notice> {
        *self.clauses = self.clauses.saturating_add(clauses);
        if *self.clauses > MOST_CLAUSES {
            let message = format!("up to here the condition has more than {MOST_CLAUSES} clauses");
            return Err(Notice::error("sigma-condition-too-large", span, message));
        }
        Ok(())
    }

    /// The search of a name.
    fn named(&mut self, token: Token<'_>) -> Result<ClauseId, Notice> {
        let found = self.detections.iter_mut().find(|detection| detection.name == token.text);
        if let Some(detection) = found {
            detection.used = true;
            let (node, size) = (detection.node, detection.size);
            self.count(size, token.span())?;
            return Ok(node);
        }
        if token.text.contains('*') {
            let message = format!("how many of the searches `{}` must hold?", shown(token.text));
            let hint = format!("write `1 of {0}` or `all of {0}`", shown(token.text));
            return Err(Notice::error("sigma-condition", token.span(), message).hint(hint));
        }
        let message = format!("there is no search `{}`", shown(token.text));
        let notice = Notice::error("sigma-unknown-search", token.span(), message);
        let names = self.detections.iter().map(|detection| detection.name);
        Err(match nearest(token.text, names) {
            Some(near) => notice.hint(format!("did you mean `{near}`?")),
            None => {
                let names: Vec<String> =
                    self.detections.iter().take(8).map(|detection| shown(detection.name)).collect();
                notice.hint(format!("the searches are: {}", names.join(", ")))
            }
        })
    }

    /// `1 of them`, `all of selection*`, `2 of filter*` and the like.
    fn select(
        &mut self,
        count: Token<'_>,
        of: Token<'_>,
        names: Option<Token<'_>>,
    ) -> Result<ClauseId, Notice> {
        let all = count.is("all");
        let least = if count.is("any") { Some(1) } else { count.text.parse::<usize>().ok() };
        let Some(least) = least.filter(|least| *least > 0).or(all.then_some(usize::MAX)) else {
            let message = format!("`{} of` can't be counted", shown(count.text));
            let notice = Notice::error("sigma-count", count.span(), message);
            return Err(notice.hint("`any of`, `all of` and whole numbers from `1 of` on can"));
        };
        let Some(names) = names.filter(|names| !matches!(names.text, "(" | ")" | "|")) else {
            let message = "`of` must be followed by `them` or a pattern of names";
            let notice = Notice::error("sigma-condition", of.span(), message);
            return Err(notice.hint("such as `1 of selection*`"));
        };
        let them = names.is("them");
        let pattern = name_pattern(if them { "*" } else { names.text });
        let hidden = !them && names.text.starts_with('_');
        let mut nodes = Vec::new();
        for detection in self.detections.iter_mut() {
            let counts = hidden || !detection.name.starts_with('_');
            if counts && pattern.matches(detection.name) {
                detection.used = true;
                nodes.push((detection.node, detection.size));
            }
        }
        if nodes.is_empty() {
            let message = format!("no search is named `{}`", shown(names.text));
            let notice = Notice::error("sigma-unknown-search", names.span(), message);
            return Err(notice
                .hint("a `*` stands for any characters; names that begin with `_` don't count"));
        }
        let least = if all { nodes.len() } else { least };
        if least > nodes.len() {
            let message = format!("`{least} of` can't hold: there are {} searches", nodes.len());
            return Err(Notice::error("sigma-count", count.span(), message));
        }
        if least > 1 && !all {
            let message = "a count other than 1 and all is beyond Sigma's specification";
            let notice = Notice::warning("sigma-count", count.span(), message);
            self.notes.push(
                notice.hint("it means that at least so many hold; other tools may refuse it"),
            );
        }
        let (node, clauses) = self.at_least(least, &nodes);
        self.count(clauses, names.span())?;
        Ok(node)
    }

    /// The node that holds if at least so many of the nodes do, and how many clauses it has. `least` is from
    /// 1 to the number of nodes.
    fn at_least(&mut self, least: usize, nodes: &[(ClauseId, usize)]) -> (ClauseId, usize) {
        let sum = |nodes: &[(ClauseId, usize)]| {
            nodes.iter().fold(0usize, |sum, (_, size)| sum.saturating_add(*size))
        };
        let ids = |nodes: &[(ClauseId, usize)]| nodes.iter().map(|(node, _)| *node).collect();
        if least == 1 {
            return (self.builder.any(ids(nodes)), sum(nodes));
        }
        // By how many are still to hold: the node for those of the nodes that are behind.
        let mut behind: Vec<Option<(ClauseId, usize)>> = vec![None; least + 1];
        for (place, (node, size)) in nodes.iter().enumerate().rev() {
            let rest = nodes.len() - place;
            for count in (1..=least.min(rest)).rev() {
                let fewer = behind.get(count - 1).copied().flatten();
                let with = match fewer {
                    _ if count == 1 => (*node, *size),
                    Some((others, others_size)) => {
                        (self.builder.all(vec![*node, others]), size.saturating_add(others_size))
                    }
                    None => continue,
                };
                let found = match behind.get(count).copied().flatten() {
                    Some((without, without_size)) => {
                        let any = self.builder.any(vec![with.0, without]);
                        (any, with.1.saturating_add(without_size))
                    }
                    None => with,
                };
                if let Some(entry) = behind.get_mut(count) {
                    *entry = Some(found);
                }
            }
        }
        match behind.get(least).copied().flatten() {
            Some(found) => found,
            None => (self.builder.constant(false), 0),
        }
    }
}

fn name_pattern(text: &str) -> Pattern {
    let mut pieces = Vec::new();
    for (place, part) in text.split('*').enumerate() {
        if place > 0 {
            pieces.push(Piece::Star);
        }
        pieces.push(Piece::Text(part.to_owned()));
    }
    Pattern::new(&pieces, Case::Sensitive)
}

fn aggregation(token: Token<'_>) -> Notice {
    let message = "conditions on several events don't run on single records";
    let notice = Notice::refused("sigma-aggregation", token.span(), message);
    notice.hint("a rule without what follows raises an alert for each event")
}

fn expected(token: Token<'_>, what: &str) -> Notice {
    let message = format!("`{}` stands where {what} is expected", shown(token.text));
    Notice::error("sigma-condition", token.span(), message)
}

/// A word for a message.
fn shown(word: &str) -> String {
    word.chars().take(60).collect()
}

/// Words, parentheses and bars.
fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        at += rest.len() - rest.trim_start().len();
        let rest = rest.trim_start();
        let sign = |c: char| matches!(c, '(' | ')' | '|');
        let length = match rest.chars().next()? {
            first if sign(first) => 1,
            _ => rest.find(|c: char| sign(c) || c.is_whitespace()).unwrap_or(rest.len()),
        };
        let token = Token { text: rest.get(..length)?, at };
        at += length;
        Some(token)
    })
}
