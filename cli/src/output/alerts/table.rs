//! Alerts in, columns that a terminal has room for out.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Shown;
use super::row::{COLUMNS, row};
use crate::output::{printable, style};

/// How many rows decide how wide columns are. Later ones are fitted in.
const MEASURED: usize = 1_000;

/// The narrowest that a column becomes.
const NARROWEST: usize = 8;

/// The widest that a column is where nothing bounds the line.
const WIDEST: usize = 60;

/// The column of the severity.
const SEVERITY: usize = 1;

/// What stands between columns.
const GAP: usize = 2;

/// Collects rows until their columns have a width, and writes them.
pub(crate) struct Table {
    with_count: bool,
    /// Of the terminal, if it is one.
    width: Option<usize>,
    is_coloured: bool,
    waiting: Vec<Vec<String>>,
    widths: Vec<usize>,
}

impl Table {
    pub(super) fn new(with_count: bool, width: Option<usize>, is_coloured: bool) -> Table {
        Table { with_count, width, is_coloured, waiting: Vec::new(), widths: Vec::new() }
    }

    pub(super) fn write(&mut self, shown: &Shown<'_>, out: &mut Vec<u8>) {
        let mut cells: Vec<String> = row(shown)
            .iter()
            .map(|cell| if cell.is_empty() { "-".to_owned() } else { printable(cell) })
            .collect();
        if self.with_count {
            cells.insert(0, shown.together.map_or(1, |(count, _)| count).to_string());
        }
        if self.widths.is_empty() {
            self.waiting.push(cells);
            if self.waiting.len() >= MEASURED {
                self.write_waiting(out);
            }
        } else {
            self.line(&cells, out);
        }
    }

    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        if self.widths.is_empty() && !self.waiting.is_empty() {
            self.write_waiting(out);
        }
    }

    fn write_waiting(&mut self, out: &mut Vec<u8>) {
        let mut headings: Vec<String> = COLUMNS.iter().map(|name| name.to_uppercase()).collect();
        if self.with_count {
            headings.insert(0, "COUNT".to_owned());
        }
        let waiting = std::mem::take(&mut self.waiting);
        let widest = |column: usize| {
            let cells = waiting.iter().chain([&headings]).filter_map(|row| row.get(column));
            cells.map(|cell| cell.width()).max().unwrap_or(0).min(WIDEST)
        };
        self.widths = (0..headings.len()).map(widest).collect();
        if let Some(width) = self.width {
            fit(&mut self.widths, usize::from(self.with_count), width);
        }
        self.line(&headings, out);
        waiting.iter().for_each(|row| self.line(row, out));
    }

    fn line(&self, cells: &[String], out: &mut Vec<u8>) {
        let severity = SEVERITY + usize::from(self.with_count);
        let mut line = String::new();
        let last = cells.len().saturating_sub(1);
        for (column, (cell, width)) in cells.iter().zip(&self.widths).enumerate() {
            let cut = shortened(cell, *width);
            let blanks = width + GAP - cut.width().min(*width);
            match self.is_coloured && column == severity {
                true => line.push_str(&style::severity(cell, &cut)),
                false => line.push_str(&cut),
            }
            if column < last {
                line.push_str(&" ".repeat(blanks));
            }
        }
        out.extend_from_slice(line.trim_end().as_bytes());
        out.push(b'\n');
    }
}

/// Takes from the widest columns until the line fits, or nothing more can be taken. The time says nothing if it is cut.
fn fit(widths: &mut [usize], time: usize, line: usize) {
    let gaps = GAP * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > line {
        let others = widths.iter_mut().enumerate().filter(|(column, _)| *column != time);
        match others.map(|(_, width)| width).max() {
            Some(widest) if *widest > NARROWEST => *widest -= 1,
            _ => return,
        }
    }
}

/// A cell as far as it fits in a column; what is cut ends with an ellipsis.
fn shortened(cell: &str, width: usize) -> String {
    if cell.width() <= width {
        return cell.to_owned();
    }
    let (mut cut, mut taken) = (String::new(), 0);
    for c in cell.chars() {
        let wide = c.width().unwrap_or(0);
        if taken + wide + 1 > width {
            break;
        }
        cut.push(c);
        taken += wide;
    }
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::{fit, shortened};
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn columns_fit_the_terminal() {
        let mut widths = vec![20, 8, 50, 12];
        fit(&mut widths, 0, 80);
        assert_eq!(widths.iter().sum::<usize>() + 6, 80);
        assert_eq!(widths, [20, 8, 34, 12], "the widest give first");
        fit(&mut widths, 0, 10);
        assert_eq!(widths, [20, 8, 8, 8], "a narrow terminal breaks lines rather than words");
    }

    #[test]
    fn what_is_cut_says_so() {
        for (cell, width, expected) in
            [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("漢字漢字", 5, "漢字…"), ("漢字漢", 4, "漢…")]
        {
            let cut = shortened(cell, width);
            assert_eq!(cut, expected);
            assert!(cut.width() <= width);
        }
    }
}
