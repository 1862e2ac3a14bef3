;; A component around the module, with the interface of docs/wit/detector.wit.
;;
;; A component's answer lies in memory as the module's does, so a call of the component is a call of the module and
;; nothing else. What the adapter adds is memory for arguments, which it gives back after the call.
(component
  ;; The build puts the module here, byte for byte; this one only has its exports.
  (core module $module
    (memory (export "memory") 1)
    (func (export "malloc") (param i32) (result i32) unreachable)
    (func (export "free") (param i32))
    (func (export "tocsin_describe") (result i32) unreachable)
    (func (export "tocsin_configure") (param i32 i32) (result i32) unreachable)
    (func (export "tocsin_detect") (param i32 i32) (result i32) unreachable)
    (func (export "tocsin_alerts") (param i32 i32) (result i32) unreachable)
    (func (export "tocsin_explain") (param i32 i32 i32 i32) (result i32) unreachable))

  (core module $adapter
    (; shared ;)

    ;; The arguments of a call: at most two.
    (global $first (mut i32) (i32.const 0))
    (global $second (mut i32) (i32.const 0))

    ;; Where the host puts an argument. It may ask for more while it writes a text.
    (func (export "realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
      (local $address i32)
      (local.set $address (call $reserve (local.get $size)))
      (if (local.get $old)
        (then
          (memory.copy (local.get $address) (local.get $old)
            (select (local.get $old_size) (local.get $size) (i32.lt_u (local.get $old_size) (local.get $size))))
          (call $free (local.get $old)))
        (else (global.set $second (global.get $first))))
      (global.set $first (local.get $address))
      (local.get $address))

    ;; After a call, when the host has read the answer. The answer is the module's own.
    (func (export "after") (param $answer i32)
      (call $free (global.get $first))
      (call $free (global.get $second))
      (global.set $first (i32.const 0))
      (global.set $second (i32.const 0))))

  (core instance $module (instantiate $module))
  (core instance $adapter (instantiate $adapter (with "tocsin" (instance $module))))

  (type $answer (record (field "status" u32) (field "text" string) (field "count" u32)))
  (type $judged (record
    (field "status" u32) (field "alerts" string) (field "count" u32)
    (field "errors" string) (field "errors-count" u32) (field "records" u32)))
  (type $bytes (list u8))

  (alias core export $module "memory" (core memory $memory))
  (alias core export $adapter "realloc" (core func $realloc))
  (alias core export $adapter "after" (core func $after))

  (func $describe (result $answer)
    (canon lift (core func $module "tocsin_describe") (memory $memory) string-encoding=utf8))
  (func $configure (param "document" $bytes) (result $answer)
    (canon lift (core func $module "tocsin_configure")
      (memory $memory) (realloc $realloc) string-encoding=utf8 (post-return $after)))
  (func $detect (param "batch" $bytes) (result $answer)
    (canon lift (core func $module "tocsin_detect")
      (memory $memory) (realloc $realloc) string-encoding=utf8 (post-return $after)))
  (func $alerts (param "batch" $bytes) (result $judged)
    (canon lift (core func $module "tocsin_alerts")
      (memory $memory) (realloc $realloc) string-encoding=utf8 (post-return $after)))
  (func $explain (param "rule" string) (param "batch" $bytes) (result $answer)
    (canon lift (core func $module "tocsin_explain")
      (memory $memory) (realloc $realloc) string-encoding=utf8 (post-return $after)))

  ;; An interface exports its types together with its functions; only a component can say so.
  (component $interface
    (type $answer_ (record (field "status" u32) (field "text" string) (field "count" u32)))
    (import "answer" (type $answer_in (eq $answer_)))
    (type $judged_ (record
      (field "status" u32) (field "alerts" string) (field "count" u32)
      (field "errors" string) (field "errors-count" u32) (field "records" u32)))
    (import "judged" (type $judged_in (eq $judged_)))
    (type $bytes (list u8))
    (import "describe" (func $describe (result $answer_in)))
    (import "configure" (func $configure (param "document" $bytes) (result $answer_in)))
    (import "detect" (func $detect (param "batch" $bytes) (result $answer_in)))
    (import "alerts" (func $alerts (param "batch" $bytes) (result $judged_in)))
    (import "explain" (func $explain (param "rule" string) (param "batch" $bytes) (result $answer_in)))
    (export $answer "answer" (type $answer_))
    (export $judged "judged" (type $judged_))
    (export "describe" (func $describe) (func (result $answer)))
    (export "configure" (func $configure) (func (param "document" $bytes) (result $answer)))
    (export "detect" (func $detect) (func (param "batch" $bytes) (result $answer)))
    (export "alerts" (func $alerts) (func (param "batch" $bytes) (result $judged)))
    (export "explain" (func $explain) (func (param "rule" string) (param "batch" $bytes) (result $answer))))
  (instance $interface (instantiate $interface
    (with "answer" (type $answer))
    (with "judged" (type $judged))
    (with "describe" (func $describe))
    (with "configure" (func $configure))
    (with "detect" (func $detect))
    (with "alerts" (func $alerts))
    (with "explain" (func $explain))))
  (export "tocsin:detector/detector@1.0.0" (instance $interface)))
