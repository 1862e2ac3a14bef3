//! Amazon Data Firehose's HTTP endpoint: records in base64 in, lines out, and the one answer that it takes.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::inflate::gunzip_what_there_is;
use super::pick::{each, pick};
use super::{Answer, ParseError, Parsed};

/// With or without padding: what stands in for Firehose leaves it out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Reads a request. What CloudWatch Logs put into the stream is gzip inside of base64. Records are read one by one, so
/// that one of them costs itself alone: a request that is refused comes again for hours.
///
/// # Errors
/// [`ParseError`] if the body isn't Firehose's.
pub fn parse(body: &[u8], limit: usize) -> Result<Parsed, ParseError> {
    if body.trim_ascii().is_empty() {
        return Ok(Parsed::default());
    }
    let wrong = |error| ParseError(format!("the body isn't a request of Data Firehose: {error}"));
    let text = String::from_utf8_lossy(body);
    let [request_id, records] = pick(&text, ["requestId", "records"]).map_err(wrong)?.values;
    if records.is_none() {
        return Err(ParseError("the body has no key `records`".to_owned()));
    }
    let request_id = request_id.and_then(|id| serde_json::from_str(id).ok());
    let mut parsed = Parsed { request_id, ..Parsed::default() };
    let mut room = limit;
    let read_one = |record| {
        let unit = parsed.units;
        parsed.units += 1;
        match read(record, room) {
            Ok(bytes) => {
                room = room.saturating_sub(bytes.len());
                if !bytes.trim_ascii().is_empty() {
                    parsed.lines.push_bytes(unit, &bytes);
                }
            }
            Err(reason) => parsed.rejected.push((unit, reason)),
        }
        Ok(())
    };
    each(records, "records", read_one).map_err(wrong)?;
    Ok(parsed)
}

fn read(record: &str, room: usize) -> Result<Vec<u8>, String> {
    let [data] = pick(record, ["data"])?.values;
    let data = data.ok_or("it has no key `data`")?;
    let data: String = serde_json::from_str(data).map_err(|_| "its data is no text".to_owned())?;
    let bytes = BASE64.decode(data).map_err(|error| format!("its data isn't base64: {error}"))?;
    gunzip_what_there_is(bytes, room).map_err(|error| error.to_string())
}

/// The answer of success. Firehose repeats a request whose answer is anything else, for hours.
pub fn accepted(request_id: Option<&str>, rejected: u64) -> Answer {
    Answer { rejected, ..answer(200, request_id, None) }
}

/// An error's answer.
pub fn refused(status: u16, request_id: Option<&str>, message: &str) -> Answer {
    answer(status, request_id, Some(message))
}

fn answer(status: u16, request_id: Option<&str>, error: Option<&str>) -> Answer {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let id = serde_json::Value::from(request_id.unwrap_or_default());
    let error = error.map(|error| format!(",\"errorMessage\":{}", serde_json::Value::from(error)));
    let body = format!("{{\"requestId\":{id},\"timestamp\":{now}{}}}", error.unwrap_or_default());
    Answer::new(status, "application/json", body.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn encode(bytes: &[u8]) -> String {
        base64::engine::general_purpose::STANDARD.encode(bytes)
    }

    #[test]
    fn records_are_text_or_what_cloudwatch_packed() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"{\"logEvents\":[{\"message\":\"{}\"}]}").unwrap();
        let body = format!(
            "{{\"requestId\":\"r-1\",\"timestamp\":1,\"records\":[{{\"data\":\"{}\"}},{{\"data\":\"{}\"}},\
             {{\"data\":\"?\"}},{{}}]}}",
            encode(b"{\"eventName\":\"StopLogging\"}\n"),
            encode(&gzip.finish().unwrap()),
        );
        let parsed = parse(body.as_bytes(), 1000).unwrap();
        let text = String::from_utf8(parsed.lines.text().to_vec()).unwrap();
        assert_eq!(
            text,
            "{\"eventName\":\"StopLogging\"}\n{\"logEvents\":[{\"message\":\"{}\"}]}\n"
        );
        assert_eq!(parsed.request_id.as_deref(), Some("r-1"));
        assert_eq!(parsed.rejected.iter().map(|(unit, _)| *unit).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(parse(body.replace('=', "").as_bytes(), 1000).unwrap().lines.len(), 2);
        // Records together are no larger than a body may be.
        assert_eq!(parse(body.as_bytes(), 10).unwrap().rejected.len(), 3);
    }

    #[test]
    fn a_damaged_record_costs_itself_alone() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        gzip.write_all(b"{\"a\":1}\n{\"b\":2}").unwrap();
        let gzip = gzip.finish().unwrap();
        let (cut, tail) = (&gzip[..gzip.len() - 10], [&gzip[..], b"tail"].concat());
        let record = |bytes: &[u8]| format!("{{\"data\":\"{}\"}}", encode(bytes));
        let records = [
            record(cut),
            record(&tail),
            "7".to_owned(),
            "{\"data\":null}".to_owned(),
            "{\"data\":7}".to_owned(),
            record(b"{\"c\":3}"),
        ];
        let body = format!("{{\"requestId\":7,\"records\":[{}]}}", records.join(","));
        let parsed = parse(body.as_bytes(), 1000).unwrap();
        let text = String::from_utf8(parsed.lines.text().to_vec()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("{\"message\":\"{\\\"a\\\":1}"), "{text}");
        assert_eq!(lines[1..], ["{\"message\":\"{\\\"a\\\":1}\\n{\\\"b\\\":2}\"}", "{\"c\":3}"]);
        assert_eq!(parsed.rejected.iter().map(|(unit, _)| *unit).collect::<Vec<_>>(), [2, 3, 4]);
    }

    #[test]
    fn the_answer_repeats_the_requests_id() {
        let text = |answer: Answer| String::from_utf8(answer.body).unwrap();
        let body = text(accepted(Some("r-1"), 0));
        assert!(body.starts_with("{\"requestId\":\"r-1\",\"timestamp\":1"), "{body}");
        assert!(text(refused(503, Some("r-1"), "later")).ends_with(",\"errorMessage\":\"later\"}"));
    }
}
