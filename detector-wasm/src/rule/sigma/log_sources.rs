//! In: what a rule's log source says. Out: the name that was meant, if it is one letter or two beside a known one.

use crate::query::nearest::nearest;
use crate::source::SOURCE;

/// Products of the public rules beside the one whose records are known.
const PRODUCTS: &[&str] = &[
    "azure",
    "bitbucket",
    "cisco",
    "django",
    "fortigate",
    "gcp",
    "github",
    "huawei",
    "juniper",
    "jvm",
    "kubernetes",
    "linux",
    "m365",
    "macos",
    "nodejs",
    "okta",
    "onelogin",
    "opencanary",
    "paloalto",
    "python",
    "qualys",
    "rpc_firewall",
    "ruby_on_rails",
    "spring",
    "sql",
    "velocity",
    "windows",
    "zeek",
];

/// Categories of the public rules.
const CATEGORIES: &[&str] = &[
    "antivirus",
    "application",
    "clipboard_capture",
    "create_remote_thread",
    "create_stream_hash",
    "database",
    "dns",
    "dns_query",
    "driver_load",
    "edr",
    "file_access",
    "file_block_executable",
    "file_change",
    "file_delete",
    "file_event",
    "file_executable_detected",
    "file_rename",
    "firewall",
    "image_load",
    "network_connection",
    "pipe_created",
    "process_access",
    "process_creation",
    "process_tampering",
    "process_termination",
    "proxy",
    "ps_classic_start",
    "ps_module",
    "ps_script",
    "raw_access_thread",
    "registry_add",
    "registry_delete",
    "registry_event",
    "registry_rename",
    "registry_set",
    "webserver",
    "wmi_event",
];

/// What was probably meant by the value of a key of a log source: no rule's author writes another name one letter
/// beside a known one.
pub(super) fn meant(key: &str, value: &str, product: Option<&str>) -> Option<&'static str> {
    let known: &[&str] = match key {
        "product" => PRODUCTS,
        "category" => CATEGORIES,
        "service" if product == Some(SOURCE.sigma.product) => {
            return nearest(value, [SOURCE.sigma.service]);
        }
        _ => return None,
    };
    let own = (key == "product").then_some(SOURCE.sigma.product);
    let mut known = known.iter().copied().chain(own);
    if known.clone().any(|known| known == value) { None } else { nearest(value, &mut known) }
}
