/** A memory that threads share; its buffer never moves, for it is made in its final size. */
export interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
}

interface WasmGlobals {
  readonly atob: (text: string) => string;
  readonly WebAssembly:
    | {
        readonly Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => WasmMemory;
        readonly Module: new (bytes: Uint8Array) => object;
        readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
      }
    | undefined;
}

/** What every engine that we run on has; the language's own library does not list it. */
const engine = globalThis as unknown as WasmGlobals;

const PAGE_BYTES = 65_536;
const compiled = new Map<string, object>();

/** A zeroed memory of at least `byteLength` bytes; undefined where there is no WebAssembly or not that much memory. */
export function createWasmMemory(byteLength: number): WasmMemory | undefined {
  const pages = Math.max(1, Math.ceil(byteLength / PAGE_BYTES));
  if (engine.WebAssembly === undefined || pages > PAGE_BYTES) return undefined;
  try {
    return new engine.WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch {
    // RangeError: the system refuses the memory. The kernels in TypeScript need no such block and give the same result.
    return undefined;
  }
}

/**
 * The functions of a compiled module (`<name>.wasm.ts`) over `memory`, for the thread that calls this. The caller names
 * their types; addresses are byte offsets into the memory.
 */
export function instantiateWasm<Functions>(moduleText: string, memory: WasmMemory): Functions {
  const { WebAssembly: wasm, atob } = engine;
  if (wasm === undefined) throw new TypeError('a memory without WebAssembly');
  let module = compiled.get(moduleText);
  if (module === undefined) {
    module = new wasm.Module(Uint8Array.from(atob(moduleText), (letter) => letter.charCodeAt(0)));
    compiled.set(moduleText, module);
  }
  return new wasm.Instance(module, { env: { memory } }).exports as Functions;
}
