;; A data transform inside Redpanda's broker, version 1 of its interface: `_start` asks for batches and their
;; records, and writes records to the output topic. It never returns.
;;
;; Each alert becomes a record: the key of the record that it is about, the alert, no headers. Each error becomes a
;; record with the header `tocsin: error`. A record without a value has nothing to be judged.
;; A trap stops the transform: the broker starts it again at the record that it stopped at.
(module
  (import "redpanda_transform" "check_abi_version_1" (func $check_abi_version_1))
  (import "redpanda_transform" "read_batch_header" (func $read_batch_header
    (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "redpanda_transform" "read_next_record" (func $read_next_record
    (param $attributes i32) (param $timestamp i32) (param $offset i32) (param $buffer i32) (param $size i32)
    (result i32)))
  (import "redpanda_transform" "write_record" (func $write_record (param i32 i32) (result i32)))
  (; shared ;)

  ;; A record without a key, with a value of 44 bytes, and with one header: for what has no room. Its address is
  ;; reserved before the first record is read.
  (data $full
    "\01" "\58{\"reason\":\"the memory has no room for this\"}" "\02" "\0ctocsin" "\0aerror")
  ;; How such a record ends: one header.
  (data $error_header "\02" "\0ctocsin" "\0aerror")

  (global $full (mut i32) (i32.const 0))
  ;; Where the next byte of a record is read or written.
  (global $at (mut i32) (i32.const 0))
  ;; The key of the record that is judged: with its length before it, as it is read and written.
  (global $key (mut i32) (i32.const 0))
  (global $key_length (mut i32) (i32.const 0))

  (func (export "_start")
    ;; Ten places of 8 bytes for what the broker says of a batch, three more for a record.
    (local $says i32)
    (local $buffer i32) (local $capacity i32) (local $size i32) (local $records i32)
    (call $check_abi_version_1)
    (local.set $says (call $reserve (i32.const 104)))
    (global.set $full (call $reserve (i32.const 60)))
    (memory.init $full (global.get $full) (i32.const 0) (i32.const 60))
    (loop $batches
      (local.set $size (call $read_batch_header
        (local.get $says)
        (i32.add (local.get $says) (i32.const 8))
        (i32.add (local.get $says) (i32.const 16))
        (i32.add (local.get $says) (i32.const 24))
        (i32.add (local.get $says) (i32.const 32))
        (i32.add (local.get $says) (i32.const 40))
        (i32.add (local.get $says) (i32.const 48))
        (i32.add (local.get $says) (i32.const 56))
        (i32.add (local.get $says) (i32.const 64))
        (i32.add (local.get $says) (i32.const 72))))
      (call $must (local.get $size))
      ;; The size of its largest record. A record that can't be read can't be said anything of.
      (if (i32.gt_u (local.get $size) (local.get $capacity)) (then
        (call $free (local.get $buffer))
        (local.set $buffer (call $reserve (local.get $size)))
        (local.set $capacity (local.get $size))))
      (local.set $records (i32.load offset=8 (local.get $says)))
      (loop $next
        (if (i32.gt_s (local.get $records) (i32.const 0)) (then
          (call $must (call $read_next_record
            (i32.add (local.get $says) (i32.const 80))
            (i32.add (local.get $says) (i32.const 88))
            (i32.add (local.get $says) (i32.const 96))
            (local.get $buffer) (local.get $capacity)))
          (call $judge (local.get $buffer))
          (local.set $records (i32.sub (local.get $records) (i32.const 1)))
          (br $next))))
      (br $batches)))

  ;; A negative result is an error of the broker's.
  (func $must (param $result i32)
    (if (i32.lt_s (local.get $result) (i32.const 0)) (then unreachable)))

  ;; A record is its key and its value, a length before each, and its headers.
  (func $judge (param $record i32)
    (local $length i32) (local $answer i32)
    (global.set $at (local.get $record))
    (global.set $key (local.get $record))
    (local.set $length (call $read_length))
    (if (i32.gt_s (local.get $length) (i32.const 0)) (then
      (global.set $at (i32.add (global.get $at) (local.get $length)))))
    (global.set $key_length (i32.sub (global.get $at) (local.get $record)))
    (local.set $length (call $read_length))
    (if (i32.lt_s (local.get $length) (i32.const 0)) (then return))
    (local.set $answer (call $tocsin_alerts (global.get $at) (local.get $length)))
    (call $write_lines (i32.const 0)
      (call $alerts_at (local.get $answer)) (call $alerts_length (local.get $answer)))
    (call $write_lines (i32.const 1)
      (call $errors_at (local.get $answer)) (call $errors_length (local.get $answer))))

  ;; A record for each line of a text.
  (func $write_lines (param $is_error i32) (param $line i32) (param $length i32)
    (local $end i32) (local $line_end i32)
    (local.set $end (i32.add (local.get $line) (local.get $length)))
    (loop $lines
      (if (i32.lt_u (local.get $line) (local.get $end)) (then
        (local.set $line_end (local.get $line))
        (loop $seek
          (if (i32.ne (i32.load8_u (local.get $line_end)) (i32.const 10)) (then
            (local.set $line_end (i32.add (local.get $line_end) (i32.const 1)))
            (br $seek))))
        (call $write (local.get $is_error)
          (local.get $line) (i32.sub (local.get $line_end) (local.get $line)))
        (local.set $line (i32.add (local.get $line_end) (i32.const 1)))
        (br $lines)))))

  (func $write (param $is_error i32) (param $value i32) (param $length i32)
    (local $record i32)
    ;; The key, the value with up to 5 bytes of length, the headers.
    (local.set $record (call $malloc
      (i32.add (i32.add (global.get $key_length) (local.get $length)) (i32.const 20))))
    (if (i32.eqz (local.get $record)) (then
      (call $must (call $write_record (global.get $full) (i32.const 60)))
      (return)))
    (memory.copy (local.get $record) (global.get $key) (global.get $key_length))
    (global.set $at (i32.add (local.get $record) (global.get $key_length)))
    (call $write_length (local.get $length))
    (memory.copy (global.get $at) (local.get $value) (local.get $length))
    (global.set $at (i32.add (global.get $at) (local.get $length)))
    (if (local.get $is_error)
      (then
        (memory.init $error_header (global.get $at) (i32.const 0) (i32.const 14))
        (global.set $at (i32.add (global.get $at) (i32.const 14))))
      (else
        (i32.store8 (global.get $at) (i32.const 0))
        (global.set $at (i32.add (global.get $at) (i32.const 1)))))
    (call $must (call $write_record
      (local.get $record) (i32.sub (global.get $at) (local.get $record))))
    (call $free (local.get $record)))

  ;; Numbers are written 7 bits a byte, the lowest first, the sign in the lowest bit: -1 is 1, 1 is 2.
  (func $read_length (result i32)
    (local $byte i32) (local $number i32) (local $shift i32)
    (loop $more
      (local.set $byte (i32.load8_u (global.get $at)))
      (global.set $at (i32.add (global.get $at) (i32.const 1)))
      (local.set $number (i32.or (local.get $number)
        (i32.shl (i32.and (local.get $byte) (i32.const 127)) (local.get $shift))))
      (local.set $shift (i32.add (local.get $shift) (i32.const 7)))
      (br_if $more (i32.and (local.get $byte) (i32.const 128))))
    (i32.xor
      (i32.shr_u (local.get $number) (i32.const 1))
      (i32.sub (i32.const 0) (i32.and (local.get $number) (i32.const 1)))))

  (func $write_length (param $length i32)
    (local $number i32)
    (local.set $number (i32.shl (local.get $length) (i32.const 1)))
    (loop $more
      (if (i32.gt_u (local.get $number) (i32.const 127)) (then
        (i32.store8 (global.get $at) (i32.or (local.get $number) (i32.const 128)))
        (global.set $at (i32.add (global.get $at) (i32.const 1)))
        (local.set $number (i32.shr_u (local.get $number) (i32.const 7)))
        (br $more))))
    (i32.store8 (global.get $at) (local.get $number))
    (global.set $at (i32.add (global.get $at) (i32.const 1)))))
