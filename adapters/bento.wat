;; The processor `wasm` of Bento and of Redpanda Connect. They call `process` for each message and hand its bytes
;; over by imports, whose module has another name in each: bento_wasm, benthos_wasm. The build makes both.
;;
;; The message becomes its alerts, one a line; nothing if there are none. Errors become its metadata
;; `tocsin_errors`, one a line; there is no such metadata if there are none.
(module
  (import "HOST" "v0_msg_as_bytes" (func $message_bytes (result i64)))
  (import "HOST" "v0_msg_set_bytes" (func $set_message_bytes (param i32 i32)))
  (import "HOST" "v0_msg_set_meta" (func $set_metadata (param i32 i32 i32 i32)))
  (; shared ;)
  (data $key "tocsin_errors")

  ;; The host writes a message to what this gives, without a look at it. A trap here fails that message alone.
  (export "malloc" (func $reserve))

  (func (export "process")
    (local $message i64) (local $answer i32) (local $key i32)
    ;; The host calls malloc, and gives address << 32 | length; it will call free.
    (local.set $message (call $message_bytes))
    ;; It couldn't hand the message over, and has marked it as failed.
    (if (i64.eqz (local.get $message)) (then return))
    (local.set $answer (call $tocsin_alerts
      (i32.wrap_i64 (i64.shr_u (local.get $message) (i64.const 32)))
      (i32.wrap_i64 (local.get $message))))
    (call $set_message_bytes
      (call $alerts_at (local.get $answer)) (call $alerts_length (local.get $answer)))
    (if (call $errors_length (local.get $answer)) (then
      (local.set $key (call $reserve (i32.const 13)))
      (memory.init $key (local.get $key) (i32.const 0) (i32.const 13))
      (call $set_metadata (local.get $key) (i32.const 13)
        (call $errors_at (local.get $answer)) (call $errors_length (local.get $answer)))
      (call $free (local.get $key))))))
