;; A component that needs the detector: how many alerts does a batch raise? Joined with the detector's component it is
;; one that needs nothing. In practice it would be written in a language with bindings for docs/wit/detector.wit.
(component
  (import "tocsin:detector/detector@1.0.0" (instance $detector
    (type $judged_ (record
      (field "status" u32) (field "alerts" string) (field "count" u32)
      (field "errors" string) (field "errors-count" u32) (field "records" u32)))
    (export "judged" (type $judged (eq $judged_)))
    (export "alerts" (func (param "batch" (list u8)) (result $judged)))))

  ;; Memory for the arguments and results of a call, given back as a whole.
  (core module $memory
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
      (local $address i32)
      (local.set $address (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $address) (local.get $size)))
      (loop $grow
        (if (i32.gt_u (global.get $next) (i32.shl (memory.size) (i32.const 16))) (then
          (if (i32.lt_s (memory.grow (i32.const 16)) (i32.const 0)) (then unreachable))
          (br $grow))))
      (local.get $address))
    (func (export "after") (param i32) (global.set $next (i32.const 1024))))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $bytes))
  (alias core export $memory "realloc" (core func $realloc))
  (alias core export $memory "after" (core func $after))

  (alias export $detector "alerts" (func $alerts))
  (core func $lowered (canon lower (func $alerts) (memory $bytes) (realloc $realloc) string-encoding=utf8))
  (core module $code
    (import "detector" "memory" (memory 1))
    (import "detector" "alerts" (func $alerts (param $batch i32) (param $length i32) (param $judged i32)))
    (func (export "raised") (param $batch i32) (param $length i32) (result i32)
      (call $alerts (local.get $batch) (local.get $length) (i32.const 16))
      ;; What wasn't judged isn't nothing.
      (if (i32.load offset=20 (i32.const 16)) (then unreachable))
      (i32.load offset=12 (i32.const 16))))
  (core instance $code (instantiate $code (with "detector" (instance
    (export "memory" (memory $bytes))
    (export "alerts" (func $lowered))))))
  (func (export "raised") (param "batch" (list u8)) (result u32)
    (canon lift (core func $code "raised") (memory $bytes) (realloc $realloc) (post-return $after))))
