/** Types of `/client.js`. */

export type Status = "starting" | "processing" | "succeeded" | "failed" | "canceled";
export type Stage = "queued" | "submitting" | "waiting" | "running" | "storing" | "canceling" | "done";
export type FailureCode =
  | "rejected" | "content_filtered" | "provider_failed" | "provider_unreachable" | "timed_out"
  | "output_lost" | "output_rejected" | "purchase_unknown";

export interface StoredFile {
  position: number;
  state: string;
  url: string | null;
  content_type: string | null;
  bytes: number | null;
  sha256: string | null;
  width: number | null;
  height: number | null;
  thumbnail_url: string | null;
  thumbhash: string | null;
}

export interface FieldProblem { field: string; message: string }

export interface Prediction {
  id: string;
  status: Status;
  stage: Stage;
  provider: string;
  model: string;
  input: Record<string, unknown>;
  output: string[] | null;
  /** What was made besides files. */
  data: unknown;
  files: StoredFile[];
  error: { code: FailureCode; message: string; provider_code?: string } | null;
  cost: { currency: string; held: string | null; captured: string | null };
  metrics: { predict_time?: number | null; store_time?: number | null; total_time?: number | null };
  metadata: Record<string, unknown>;
  batch_id: string | null;
  variation_of: string | null;
  adjusted: FieldProblem[];
  created_at: string;
  started_at: string | null;
  completed_at: string | null;
  updated_at: string;
  urls: { get: string; cancel: string; events: string; receipt: string };
  /** In the answers of creates alone. */
  client_token?: string;
}

export interface Order {
  model: string;
  input: Record<string, unknown>;
  provider?: string;
  webhook?: string;
  webhook_events_filter?: ("start" | "completed")[];
  metadata?: Record<string, unknown>;
  fallback?: (string | { model: string; provider?: string })[];
}

export interface Form {
  prompt?: string;
  model?: string;
  provider?: string;
  operation?: string;
  negative_prompt?: string;
  width?: number;
  height?: number;
  aspect_ratio?: string;
  num_outputs?: number;
  image?: string;
  mask?: string;
  strength?: number;
  guidance?: number;
  steps?: number;
  seed?: number;
  [field: string]: unknown;
}

export interface Model {
  provider: string;
  model: string;
  kind: string;
  description: string;
  operations: string[];
  input_schema: Record<string, unknown>;
  price: { amount: string; currency: string; unit: string } | null;
  example_cost: string | null;
  output_lifetime: number;
  usual_seconds: number | null;
  offline: boolean;
}

export interface Quote {
  price: string;
  currency: string;
  provider: string;
  model: string;
  input: Record<string, unknown>;
  adjusted: FieldProblem[];
  budget_remaining: string | null;
  fits: boolean;
}

export interface Upload {
  id: string;
  content_type: string;
  bytes: number;
  width: number | null;
  height: number | null;
  created_at: string;
  expires_at: string;
}

export interface Batch { id: string; predictions: Prediction[]; counts: Partial<Record<Status, number>> }
export interface Page { data: Prediction[]; next: string | null }
export interface Filter {
  limit?: number;
  cursor?: string;
  status?: Status;
  provider?: string;
  model?: string;
  created_after?: string;
  created_before?: string;
}

export interface Options { signal?: AbortSignal }
export interface BuyOptions extends Options {
  /** Left out: one by lot. The same key and body are never bought twice. */
  idempotencyKey?: string;
  /** Seconds (1 to 60) that the answer may be held until the prediction is final. */
  wait?: number;
  /** How often to send it again when nobody answered; 2. */
  retries?: number;
}
export interface WaitOptions extends Options {
  onChange?: (prediction: Prediction) => void;
  /** Seconds. Left out: as long as it takes. */
  timeout?: number;
}

export class DarkroomError extends Error { readonly code: string }
export class Problem extends DarkroomError {
  readonly status: number;
  readonly errors: FieldProblem[];
  readonly retryAfter: number | null;
  readonly requestId: string | null;
}
export class Away extends DarkroomError { readonly code: "away" }
export class PredictionFailed extends DarkroomError { readonly prediction: Prediction }
export class TimedOut extends DarkroomError { readonly code: "wait_timed_out"; readonly prediction: Prediction | null }

export function isFinal(prediction: Pick<Prediction, "status">): boolean;
export function newKey(): string;

export class Darkroom {
  constructor(options?: {
    /** Left out: where the module came from. */
    baseUrl?: string;
    /** `dk_…`: buys. For servers. */
    key?: string;
    /** `ct_…`: reads one prediction. For browsers. */
    token?: string;
    headers?: (method: string) => Record<string, string>;
    fetch?: typeof globalThis.fetch;
  });
  create(order: Order, options?: BuyOptions): Promise<Prediction>;
  generate(form: Form, options?: BuyOptions): Promise<Prediction>;
  batch(orders: Order[], options?: BuyOptions): Promise<Batch>;
  vary(prediction: string | Prediction, wishes?: { num?: number; seed?: number }, options?: BuyOptions): Promise<Prediction | Batch>;
  run(order: Order, options?: BuyOptions & WaitOptions): Promise<Prediction>;
  quote(order: Order | Form, options?: Options): Promise<Quote>;
  get(prediction: string | Prediction, options?: Options): Promise<Prediction>;
  list(filter?: Filter, options?: Options): Promise<Page>;
  all(filter?: Filter, options?: Options): AsyncGenerator<Prediction>;
  models(filter?: { operation?: string; provider?: string }, options?: Options): Promise<{ data: Model[]; default: { provider: string; model: string }; unavailable: string[] }>;
  receipt(prediction: string | Prediction, options?: Options): Promise<Record<string, unknown>>;
  costs(options?: Options): Promise<Record<string, unknown>>;
  cancel(prediction: string | Prediction, options?: Options): Promise<Prediction>;
  remove(prediction: string | Prediction, options?: Options): Promise<unknown>;
  wait(prediction: string | Prediction, options?: WaitOptions): Promise<Prediction>;
  events(prediction: string | Prediction, options?: Options): AsyncGenerator<Prediction>;
  polled(prediction: string | Prediction, options?: Options): AsyncGenerator<Prediction>;
  upload(file: Blob, options?: Options & { name?: string; onProgress?: (share: number) => void }): Promise<Upload>;
}
