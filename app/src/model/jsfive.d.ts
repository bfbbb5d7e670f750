declare module 'jsfive' {
  export class Group {
    readonly attrs: Record<string, unknown>
    readonly keys: string[]
    /** Throws a bare string when there is no such path. */
    get(path: string): Group | Dataset | null
  }
  export class Dataset {
    readonly shape: number[]
    readonly value: unknown
    readonly attrs: Record<string, unknown>
  }
  export class File extends Group {
    constructor(bytes: ArrayBuffer, name?: string)
  }
}
