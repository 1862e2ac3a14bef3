//! OTLP's values as JSON.

use base64::Engine as _;
use serde_json::{Map, Number, Value};

use super::proto::{AnyValue, KeyValue, Kind};

/// A value as JSON. One that holds nothing was null.
pub fn json(value: &AnyValue) -> Value {
    match &value.value {
        None => Value::Null,
        Some(Kind::StringValue(text)) => Value::from(text.as_str()),
        Some(Kind::BoolValue(truth)) => Value::from(*truth),
        Some(Kind::IntValue(number)) => Value::from(*number),
        Some(Kind::DoubleValue(number)) => double(*number),
        Some(Kind::ArrayValue(array)) => Value::Array(array.values.iter().map(json).collect()),
        Some(Kind::KvlistValue(list)) => Value::Object(object(&list.values)),
        Some(Kind::BytesValue(bytes)) => {
            Value::from(base64::engine::general_purpose::STANDARD.encode(bytes))
        }
    }
}

/// A list of keys and values as an object. Of equal keys the last counts, as in most readers of JSON; both
/// can't be kept in one object.
pub fn object(pairs: &[KeyValue]) -> Map<String, Value> {
    let value = |pair: &KeyValue| pair.value.as_ref().map_or(Value::Null, json);
    pairs.iter().map(|pair| (pair.key.clone(), value(pair))).collect()
}

/// The Collector reads every number of JSON as a double: 375 must not become `375.0`.
fn double(number: f64) -> Value {
    /// Doubles up to here are exact integers.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        return Value::from(number as i64);
    }
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}
