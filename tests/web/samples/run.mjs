/** Runs every sample of a folder; the status of its `answer` goes beside it, or why there is none. */

import {readFile, readdir, writeFile} from "node:fs/promises";

process.chdir(process.argv[2]);
for (const sample of (await readdir(".")).filter((name) => name.endsWith(".mjs")).sort()) {
  await writeFile(sample, `${await readFile(sample, "utf8")}\nexport {answer};\n`);
  const seen = await import(`${process.cwd()}/${sample}`).then(({answer}) => answer.status, (error) => error.stack);
  await writeFile(`${sample}.seen`, String(seen));
}
