//! In: a text of any shape, and literals of which a match must hold one. Out: the places that are worth
//! a closer look; where there is none, nothing in the text can match.
//!
//! Any spelling of a literal of m characters is at least m bytes long, so that it covers the four bytes
//! at one of the positions 0, s, 2s, ... where s = m - 3. Those four bytes are looked up in a table of all
//! that an occurrence can show there: pieces of the literal as it is, and of its characters written in
//! other ways (`spelling`), in a text inside a text of any depth (`escape`). Only what the table knows is
//! looked at closely. The look-ups don't depend on each other, so a processor runs many at a time, and
//! their number doesn't grow with that of the literals.

mod common;
mod escape;
mod literal;
mod numbers;
mod spelling;
mod stride;
mod table;
mod window;
mod windows;

pub(crate) use literal::Literal;

use crate::sort;
use spelling::Speller;
use stride::Stride;
use window::{Window, window};
use windows::{Spelled, Windows};

/// The literals of a rule set, ready to be looked for.
#[derive(Debug)]
pub(crate) struct Sampler {
    literals: Vec<Literal>,
    stride: Stride,
    windows: Windows,
    /// The literals' own pieces: the window, the literal's number, and where in the literal it is.
    pieces: Vec<(Window, u32, u32)>,
}

impl Sampler {
    /// Looks for these literals. Without any, there is never a place.
    pub(crate) fn new(literals: Vec<Literal>) -> Sampler {
        let shortest = literals.iter().map(|literal| literal.text().len()).min().unwrap_or(0);
        let stride = Stride::within(shortest.saturating_sub(3));
        // Of each literal only as much is looked for as the stride can't step over.
        let part = |literal: &Literal| literal.rarest_part(stride.length() + 3);
        let parts: Vec<(usize, Literal)> = literals.iter().map(part).collect();
        let distance = Windows::distance(stride.length());
        let mut speller = Speller::new();
        let (mut pieces, mut spelled) = (Vec::new(), Spelled::default());
        for (number, (from, part)) in (0u32..).zip(&parts) {
            let mut own = Vec::new();
            speller.windows(part, &mut |bytes, first| match first {
                Some(at) => own.push((window(&bytes), at)),
                None => spelled.others.push(window(&bytes)),
            });
            for (first, at) in &own {
                let behind = own.iter().filter(|(_, place)| *place == at + distance);
                spelled.pairs.extend(behind.map(|(second, _)| first.and(*second)));
                pieces.push((*first, number, (from + at) as u32));
            }
        }
        if !literals.is_empty() {
            let kelvin = parts.iter().any(|(_, part)| part.may_have_kelvin());
            escape::inside(kelvin, &mut |bytes| spelled.others.push(window(bytes)));
        }
        sort::sort(&mut pieces);
        // A window's number is the place of its first piece.
        spelled.plain = pieces.iter().map(|piece| piece.0).zip(0..).collect();
        let windows = Windows::new(&spelled, &common::windows());
        Sampler { literals, stride, windows, pieces }
    }

    /// The first place at or after `from` in whose neighbourhood a literal may stand. The place lies
    /// inside the literal's spelling.
    pub(crate) fn find(&self, text: &[u8], from: usize) -> Option<usize> {
        if self.literals.is_empty() {
            return None;
        }
        let mut at = from;
        loop {
            at = self.stride.find(&self.windows, text, at)?;
            if let Some(number) = self.windows.number(window(text.get(at..)?))
                && self.confirms(text, at, number)
            {
                return Some(at);
            }
            at += self.stride.length();
        }
    }

    /// Whether a literal may really stand around a position, whose window has this number.
    fn confirms(&self, text: &[u8], at: usize, number: u32) -> bool {
        if escape::touches(text, at) {
            return true;
        }
        let pieces = self.pieces.get(number as usize..).unwrap_or_default();
        let first = pieces.first().map(|(window, ..)| *window);
        let mut same = pieces.iter().take_while(|(window, ..)| Some(*window) == first);
        same.any(|(_, literal, piece)| {
            self.literals
                .get(*literal as usize)
                .is_some_and(|literal| literal.may_stand(text, at, *piece as usize))
        })
    }
}

#[cfg(test)]
mod tests;
