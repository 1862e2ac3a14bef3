//! What is marked, written into the text: `<` before a record, `>` behind the last of a run, and `)` if
//! the run is one of lines.

use super::{END, IN_LIST, Survey};
use crate::sample::KEYS;

fn marked(batch: &str) -> String {
    let mut survey = Survey::default();
    survey.look_at(batch.as_bytes(), &KEYS);
    let mut text = String::new();
    let mut at = 0;
    for mark in survey.marks() {
        let mark = u32::from_le_bytes(*mark);
        let offset = (mark & !(END | IN_LIST)) as usize;
        text.push_str(&batch[at..offset]);
        text.push(match (mark & END, mark & IN_LIST) {
            (0, _) => '<',
            (_, 0) => ')',
            _ => '>',
        });
        at = offset;
    }
    text + &batch[at..]
}

/// `#` stands for the begin of a plain record.
#[test]
fn plain_records_are_marked() {
    for expected in [
        "",
        "<#})\r\n",
        "<#}\n<#}\r\n<#:})\n",
        "<#})\n\n<#})",
        "<#})\n{\"other\":1}\n<#})\n",
        "#\n<#})",
        "#} \n",
        "[]",
        "[<#}>]",
        "[<#},<#}>]",
        " [ <#} , \n <#}> ] ",
        "{\"Records\":[<#},<#}>]}",
        "{ \"Records\" : [<#}>] }\n{\"Records\":[<#}>]}\n<#})",
        "{\"Records\":[<#}>,#}],\"more\":[#}]}\n<#})",
        "{\"Events\":[<#}>]}",
        "{\"Others\":[#}]}",
        "[#},{},#},1,<#}>,#},[#}],<#}>]",
        "[<#}> <#}>]",
        "[<#,\"a\":[{},[]],\"b\":{\"c\":[#},#}]}},<#}>]",
        r#"[<#,"a":"]}","b":"\"]}","c":"\\"},<#,"d":"\\\"}]"}>]"#,
        "[<#}>,#",
        "[<#},<#}>",
        "[<#}>,{\"cut off\n<#})",
        "[<#}>,#,\"a\":\"b\nc\"},<#}>]",
        "<{\"message\":\"{\\\"eventVersion\\\":\\\"1.08\\\"}\"}\n<#})\n",
        "[<{\"id\":1,\"log\":\"{\\\"eventVersion\\\":\\\"1.08\\\"}\"},<#}>]",
        "{\"message\":\"{\\\"other\\\":1}\"}\n<#})",
        "#}\n,#}",
        "#}\n}\n<#})",
        "[#:\",#:\"}]}\"},#}]",
        "{\"a\":{\"eventName\":1}}\n<{\"a\":1,\"eventName\":1}\n<#})",
    ] {
        // The same at any place of a block.
        for blank in 0..130 {
            let blank = " ".repeat(blank);
            let expected =
                format!("{blank}{}", expected.replace('#', "{\"eventVersion\":\"1.08\""));
            let batch = expected.replace(['<', '>', ')'], "");
            assert_eq!(marked(&batch), expected);
        }
    }
}
