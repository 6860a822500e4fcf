/**
 * Training: a loop with validation, history and a way to stop; progress in
 * the terminal; charts; folders that keep a run.
 *
 * ```ts
 * import { lossChart, Trainer } from "@fdunn/train";
 * import { manualSeed, randn } from "@fdunn/tensor";
 * import { DataLoader, TensorDataset } from "@fdunn/data";
 * import { CrossEntropyLoss, Linear } from "@fdunn/nn";
 * import { SGD } from "@fdunn/optim";
 * import { assert } from "@std/assert";
 *
 * manualSeed(0);
 * const x = randn([256, 2]);
 * const y = x.select(1, 0).gt(0).to("int32"); // is the first number positive?
 * const model = new Linear(2, 2);
 * const trainer = new Trainer(model, {
 *   optimizer: new SGD(model.parameters(), { lr: 0.5 }),
 *   loss: new CrossEntropyLoss(),
 *   epochs: 3,
 * });
 * const loader = new DataLoader(new TensorDataset(x, y), { batchSize: 16 });
 * const history = await trainer.fit(loader, loader);
 * assert(history.at(-1)!.validAccuracy! > 0.95);
 * assert(lossChart(history).startsWith("<svg"));
 * ```
 *
 * @module
 */

export {
  AveragedModel,
  type AveragedModelOptions,
  type AverageFunction,
  getEmaAvgFn,
  getEmaMultiAvgFn,
  getSwaAvgFn,
  getSwaMultiAvgFn,
  type MultiAverageFunction,
  updateBn,
} from "./averaged_model.ts";
export {
  type BatchSizeFinderOptions,
  type BatchSizeFound,
  type BatchSizeTrial,
  findBatchSize,
} from "./batch_size_finder.ts";
export { BatchWalk, type WalkOptions } from "./batch_walk.ts";
export {
  decisionBoundaryChart,
  type DecisionBoundaryOptions,
} from "./boundary_chart.ts";
export type { Callback, EpochRecord, LogRow } from "./callback.ts";
export {
  hashWeights,
  loadModel,
  saveModel,
  type Stateful,
} from "./checkpoint.ts";
export {
  type CheckpointProgress,
  DamagedCheckpointError,
  decodeCheckpoint,
  encodeCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
} from "./checkpoint_file.ts";
export { findCheckpoint, type FoundCheckpoint } from "./checkpoint_search.ts";
export {
  type Average,
  type AverageOptions,
  ClassMetric,
  ConfusionMatrix,
  F1,
  Precision,
  Recall,
  TopKAccuracy,
} from "./class_metric.ts";
export { confusionMatrix } from "./confusion.ts";
export {
  confusionChart,
  type ConfusionChartOptions,
} from "./confusion_chart.ts";
export { ConsoleLogger, type ConsoleLoggerOptions } from "./console_logger.ts";
export { copyModule } from "./copy_module.ts";
export { CsvLogger } from "./csv_logger.ts";
export {
  Doctor,
  type DoctorOptions,
  type DoctorSubject,
  type Finding,
  type Mistake,
} from "./doctor.ts";
export {
  EarlyStopping,
  type EarlyStoppingOptions,
  type EarlyStoppingState,
} from "./early_stopping.ts";
export {
  evaluate,
  type EvaluateOptions,
  type Evaluation,
  type Metrics,
  predict,
  type PredictBatches,
  type PredictOptions,
} from "./evaluation.ts";
export { UnwrittenError } from "./file_system.ts";
export { filterChart, type FilterChartOptions } from "./filter_chart.ts";
export {
  type AccumulationState,
  GradientAccumulation,
  type GradientAccumulationOptions,
} from "./gradient_accumulation.ts";
export {
  GradientClipping,
  type GradientClippingOptions,
} from "./gradient_clipping.ts";
export {
  accuracyChart,
  type HistoryChartOptions,
  lossChart,
} from "./history_chart.ts";
export { JsonLinesLogger, type LoggedRows } from "./json_lines_logger.ts";
export {
  findLearningRate,
  type LearningRateFinderOptions,
  LearningRateFound,
  type Trial,
} from "./learning_rate_finder.ts";
export {
  LearningRateMonitor,
  type LearningRateMonitorOptions,
} from "./learning_rate_monitor.ts";
export {
  LearningRateSchedule,
  type LearningRateScheduleOptions,
  type Scheduler,
} from "./learning_rate_schedule.ts";
export type { LogbookState } from "./logbook.ts";
export { Accuracy, MeanLoss, type Metric } from "./metric.ts";
export {
  ModelCheckpoint,
  type ModelCheckpointOptions,
  type ModelCheckpointState,
  type SavedCheckpoint,
} from "./model_checkpoint.ts";
export type { MonitorMode } from "./monitor.ts";
export { pictureGrid, type PictureGridOptions } from "./picture_grid.ts";
export {
  type ChartOptions,
  lineChart,
  type Scale,
  type Series,
} from "./plot.ts";
export {
  barLine,
  type BarState,
  epochLine,
  ProgressBar,
  type ProgressOptions,
  type ProgressOutput,
  standardOutput,
} from "./progress.ts";
export {
  loadRandomState,
  type RandomState,
  randomState,
} from "./random_state.ts";
export {
  AUROC,
  AveragePrecision,
  type Ranked,
  RankingMetric,
  type RankingState,
} from "./ranking_metric.ts";
export {
  MeanAbsoluteError,
  MeanError,
  MeanSquaredError,
  Perplexity,
  type PerplexityOptions,
  R2,
} from "./regression_metric.ts";
export { type ReportOptions, writeReport } from "./report.ts";
export { RunFolder, type RunFolderOptions } from "./run_folder.ts";
export { SummaryWriter, type SummaryWriterOptions } from "./summary_writer.ts";
export { SWALR, type SWALROptions } from "./swa_schedule.ts";
export {
  TelemetryLogger,
  type TelemetryLoggerOptions,
} from "./telemetry_logger.ts";
export {
  type LoggedBytes,
  TensorBoardLogger,
  type TensorBoardLoggerOptions,
} from "./tensorboard_logger.ts";
export {
  type Terminal,
  TerminalView,
  type TerminalViewOptions,
} from "./terminal_view.ts";
export type {
  Batch,
  Batches,
  Criterion,
  RatedGroup,
  Resumable,
  StepOptimizer,
  TrainableModel,
} from "./trainable.ts";
export { type FitOptions, Trainer } from "./trainer.ts";
export type { ScheduleOption, TrainerOptions } from "./trainer_options.ts";
export type { LoopState, TrainerState } from "./trainer_state.ts";
export {
  type Duration,
  TrainingLimits,
  type TrainingLimitsOptions,
} from "./training_limits.ts";
export { DivergedError } from "./training_loop.ts";
export type { PlaceState } from "./training_place.ts";
export {
  EMAWeightAveraging,
  type EMAWeightAveragingOptions,
  StochasticWeightAveraging,
  type StochasticWeightAveragingOptions,
  WeightAveraging,
  type WeightAveragingState,
} from "./weight_averaging.ts";
export {
  serveTraining,
  type TrainingProgress,
  trainInWorker,
  type TrainInWorkerOptions,
  type WorkerJob,
  type WorkerLike,
  type WorkerResult,
} from "./worker.ts";
