/* In: records of a Fluent Bit without a wasm filter of its own. Out: what a module makes of them, called as
 * that filter of later versions calls it (docs/fluent-bit.md): one instance in WAMR's interpreter, strings
 * copied through its `malloc` and given back, the answer's text read up to its zero byte.
 *
 * For measuring: it does the same work for a record, conversions included. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fluent-bit/flb_filter_plugin.h>
#include <fluent-bit/flb_log.h>
#include <fluent-bit/flb_mem.h>
#include <fluent-bit/flb_pack.h>
#include <fluent-bit/flb_time.h>
#include <msgpack.h>
#include <wasm_export.h>

/* Bytes of the interpreter's stack, and of the heap that it adds: what the filter has by default. */
#define STACK 8192
#define HEAP 8192

struct filter {
    flb_sds_t path;
    flb_sds_t function;
    flb_sds_t format;
    struct flb_filter_instance *instance;
    uint8_t *bytes;
    wasm_module_t module;
    wasm_module_inst_t guest;
    wasm_exec_env_t stack;
};

/* The answer to a record, to be freed; NULL if there is none. */
static char *ask(struct filter *filter, const char *tag, size_t tag_length, struct flb_time *time,
                 const char *record, size_t length)
{
    wasm_function_inst_t function = wasm_runtime_lookup_function(filter->guest, filter->function);
    if (!function) {
        flb_plg_error(filter->instance, "the module has no export %s", filter->function);
        return NULL;
    }
    uint32_t tag_at = wasm_runtime_module_dup_data(filter->guest, tag, tag_length + 1);
    uint32_t record_at = wasm_runtime_module_dup_data(filter->guest, record, length + 1);
    uint32_t arguments[6] = {tag_at, tag_length, time->tm.tv_sec, time->tm.tv_nsec, record_at, length};
    char *answer = NULL;
    if (!wasm_runtime_call_wasm(filter->stack, function, 6, arguments)) {
        flb_plg_error(filter->instance, "%s", wasm_runtime_get_exception(filter->guest));
        wasm_runtime_clear_exception(filter->guest);
    }
    else if (!wasm_runtime_validate_app_str_addr(filter->guest, arguments[0])) {
        flb_plg_error(filter->instance, "no text at %u", arguments[0]);
    }
    else {
        answer = flb_strdup(wasm_runtime_addr_app_to_native(filter->guest, arguments[0]));
    }
    if (tag_at) {
        wasm_runtime_module_free(filter->guest, tag_at);
    }
    if (record_at) {
        wasm_runtime_module_free(filter->guest, record_at);
    }
    return answer;
}

/* Packs an answer as the record of that time. */
static void pack(struct filter *filter, msgpack_sbuffer *out, struct flb_time *time, const char *answer)
{
    msgpack_packer packer;
    char *record = NULL;
    size_t size;
    int type;
    if (flb_pack_json(answer, strlen(answer), &record, &size, &type) == 0 && type == JSMN_OBJECT) {
        msgpack_packer_init(&packer, out, msgpack_sbuffer_write);
        msgpack_pack_array(&packer, 2);
        flb_time_append_to_msgpack(time, &packer, 0);
        msgpack_sbuffer_write(out, record, size);
    }
    else {
        flb_plg_error(filter->instance, "not an object: %s", answer);
    }
    flb_free(record);
}

static int on_records(const void *data, size_t bytes, const char *tag, int tag_length, void **out_data,
                      size_t *out_bytes, struct flb_filter_instance *instance, struct flb_input_instance *input,
                      void *context, struct flb_config *config)
{
    struct filter *filter = context;
    msgpack_sbuffer out;
    msgpack_unpacked record;
    size_t end = 0, start = 0;
    msgpack_sbuffer_init(&out);
    msgpack_unpacked_init(&record);
    for (; msgpack_unpack_next(&record, data, bytes, &end) == MSGPACK_UNPACK_SUCCESS; start = end) {
        struct flb_time time;
        msgpack_object *map;
        if (record.data.type != MSGPACK_OBJECT_ARRAY) {
            continue;
        }
        flb_time_pop_from_msgpack(&time, &record, &map);
        char *text = flb_msgpack_to_json_str(end - start + 128, map);
        char *answer = text ? ask(filter, tag, tag_length, &time, text, strlen(text)) : NULL;
        if (answer && *answer) {
            pack(filter, &out, &time, answer);
        }
        flb_free(answer);
        flb_free(text);
    }
    msgpack_unpacked_destroy(&record);
    *out_data = out.data;
    *out_bytes = out.size;
    return FLB_FILTER_MODIFIED;
}

/* The module's bytes; NULL, with an error said, if there are none. */
static uint8_t *read_module(struct filter *filter, uint32_t *size)
{
    FILE *file = fopen(filter->path, "rb");
    uint8_t *bytes = NULL;
    if (file && fseek(file, 0, SEEK_END) == 0) {
        *size = ftell(file);
        rewind(file);
        bytes = malloc(*size);
        if (bytes && fread(bytes, 1, *size, file) != *size) {
            free(bytes);
            bytes = NULL;
        }
    }
    if (file) {
        fclose(file);
    }
    if (!bytes) {
        flb_plg_error(filter->instance, "%s can't be read", filter->path);
    }
    return bytes;
}

static int on_start(struct flb_filter_instance *instance, struct flb_config *config, void *data)
{
    char reason[128] = "";
    uint32_t size;
    struct filter *filter = flb_calloc(1, sizeof(struct filter));
    if (!filter) {
        return -1;
    }
    filter->instance = instance;
    if (flb_filter_config_map_set(instance, filter) == -1 || !filter->path || !filter->function) {
        flb_plg_error(instance, "wasm_path and function_name are needed");
        return -1;
    }
    if (!wasm_runtime_init() || !(filter->bytes = read_module(filter, &size))) {
        return -1;
    }
    filter->module = wasm_runtime_load(filter->bytes, size, reason, sizeof(reason));
    if (filter->module) {
        filter->guest = wasm_runtime_instantiate(filter->module, STACK, HEAP, reason, sizeof(reason));
    }
    if (filter->guest) {
        filter->stack = wasm_runtime_create_exec_env(filter->guest, STACK);
    }
    if (!filter->stack) {
        flb_plg_error(instance, "%s: %s", filter->path, reason);
        return -1;
    }
    flb_filter_set_context(instance, filter);
    return 0;
}

static int on_end(void *data, struct flb_config *config)
{
    struct filter *filter = data;
    if (filter) {
        wasm_runtime_destroy_exec_env(filter->stack);
        wasm_runtime_deinstantiate(filter->guest);
        wasm_runtime_unload(filter->module);
        wasm_runtime_destroy();
        free(filter->bytes);
        flb_free(filter);
    }
    return 0;
}

static struct flb_config_map settings[] = {
    {FLB_CONFIG_MAP_STR, "wasm_path", NULL, 0, FLB_TRUE, offsetof(struct filter, path), "the module"},
    {FLB_CONFIG_MAP_STR, "function_name", NULL, 0, FLB_TRUE, offsetof(struct filter, function), "its export"},
    {FLB_CONFIG_MAP_STR, "event_format", "json", 0, FLB_TRUE, offsetof(struct filter, format), "json"},
    {0},
};

struct flb_filter_plugin filter_wasm_plugin = {
    .name = "wasm",
    .description = "A WebAssembly module as a filter",
    .cb_init = on_start,
    .cb_filter = on_records,
    .cb_exit = on_end,
    .config_map = settings,
};
