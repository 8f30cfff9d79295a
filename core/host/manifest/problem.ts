/** Something wrong with a file of a plugin. `path` is a JSON pointer; `message` continues it. */
export interface Problem {
  readonly file: string;
  readonly path: string;
  readonly message: string;
}

/** Thrown and caught within the host while a plugin's files are read. */
export class FileProblem extends Error {
  readonly problem: Problem;
  constructor(file: string, message: string, path = '') {
    super(`${file}${path} ${message}`);
    this.problem = { file, path, message };
  }
}
