"""Every number a run depends on, with its unit and the reason for its default; frozen, unknown ones refused by name."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from essa.feed_parts import like
from essa.national_ids import NationalId, NationalIds, looked_for, shipped_name
from essa.weights import EQUAL, Weights

Share = Annotated[float, Field(ge=0, le=1)]


class Settings(BaseModel):
    """What `HOME/settings.yaml` may set; SQL reads these as columns of `ops.tonight`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    memory_limit: Annotated[str, AfterValidator(like(r"^\d+(\.\d+)? ?([KMGT]i?B|%)$", "a size, like 3GB"))] = Field(
        "3GB",
        description="DuckDB's memory; a laptop keeps room for everything else.",
    )
    threads: int = Field(2, ge=1, le=1_024, description="DuckDB's threads and the feeds read at once.")
    events_per_bucket: int = Field(
        6_000_000, ge=1, description="Executions sorted at once; about a quarter of 3 GB when sorted by case."
    )

    workers: int = Field(0, ge=0, description="Pythons that learn rules and find routines; below 2 it is this one.")
    step_s_max: int = Field(
        14_400, ge=0, description="Seconds for one step or file; four hours leave a morning to mend it. 0: no limit."
    )

    # Servers and databases
    source_silence_s_max: int = Field(
        300, ge=1, description="Seconds a server may say nothing; a heavy query sorts for minutes before its first row."
    )
    source_whole_s_max: int = Field(
        3_600, ge=1, description="Seconds for one file or query; what takes longer than an hour comes by drops."
    )

    # What is believed
    earliest_event_year: int = Field(1990, ge=1, le=2200, description="Before it a date is a placeholder, not work.")
    future_days: int = Field(2, ge=0, description="Days past the night; clocks differ, plans do not belong in a log.")
    longest_span_days: int = Field(400, ge=1, description="A task open for longer than a year is a forgotten timer.")
    longest_label_length: int = Field(500, ge=10, description="Characters; longer is free text, not a step's name.")
    rejected_share_max: Share = Field(0.10, description="Above this a feed's delivery is broken, not merely dirty.")
    volume_share_min: Share = Field(0.20, description="A delivery below this share of the feed's usual is cut off.")
    missing_days_max: int = Field(3, ge=0, description="Working days in a row without one event before a feed is cut.")
    usual_count_min: int = Field(3, ge=1, description="Fewer earlier deliveries or nights than this show no usual.")
    expected_recent_days: int = Field(56, ge=1, description="A gap further back than eight weeks is known by now.")
    expected_known_days: int = Field(56, ge=7, description="Eight weeks before those show which weekdays are worked.")
    expected_share_min: Share = Field(0.85, description="Of such weekdays; seven of eight, as one may be a holiday.")
    expected_lines_min: int = Field(5, ge=1, description="Lines of such a day; fewer may as well have been none.")

    # Names
    names_sample_events: int = Field(
        100_000, ge=1_000, description="Events of a process looked at to tell names apart; more say the same."
    )
    names_sample_rare_events: int = Field(
        5_000, ge=100, description="Events of the rarer of two names, as far as it has as many, that are among them."
    )

    # The door
    national_ids: tuple[NationalId, ...] = Field(
        (), description="Numbers of people to take out of every text beside the shipped ones; see privacy.md."
    )
    national_ids_left_out: tuple[Annotated[str, AfterValidator(shipped_name)], ...] = Field(
        (), description="Names of shipped ones not looked for, where a company's documents are numbered alike."
    )
    longest_text_length: int = Field(1_000, ge=100, description="Characters kept of an attribute; the rest is cut.")

    people_min: int = Field(
        5, ge=1, le=1_000, description="People below which a group's way of working is withheld; 1 withholds nothing."
    )

    # Calendars and handling time
    calendar_share_min: Share = Field(
        0.25, description="An hour of the week is worked if it sees this share of the people the usual hour sees."
    )
    calendar_weeks_min: int = Field(4, ge=1, description="Fewer weeks than this cannot show a working calendar.")
    calendar_events_min: int = Field(500, ge=1, description="Fewer events than this cannot show one either.")
    coarse_share_max: Share = Field(0.20, description="More times in whole hours than this tell no time of day.")
    calendar_week_h_max: float = Field(
        60, gt=0, description="Hours; an inferred week longer than this is several shifts, not what one person works."
    )
    working_day_h: float = Field(10, gt=0, le=24, description="No one's day is longer; few laws allow even this.")
    batch_gap_s: int = Field(5, ge=0, description="Completions this close by one worker were booked together.")
    estimate_factor: float = Field(2.5, ge=1, description="Measured interval of estimated handling: /2.5 to x2.5.")
    estimate_spread_max: float = Field(12.0, description="q75/q25 of gaps above which no estimate is made.")
    estimate_spread_sure: float = Field(3.0, description="q75/q25 of gaps below which an estimate is trusted at once.")
    estimate_distance_min: Share = Field(
        0.15, description="Short gaps no more in excess of chance arrivals' than this may be idleness, not work."
    )
    estimate_step_share_min: Share = Field(
        0.25, description="Of how far gaps lie apart, the part from step to step; below, gaps tell nothing of the step."
    )
    estimate_outlier_ratio: float = Field(
        1.5, ge=0, description="Quartile distances above q75 past which a gap is a pause (Tukey's fence)."
    )
    trust_worker_gaps_min: int = Field(5, ge=2, description="Gaps below which a worker has no mean to compare with.")
    trust_activity_gaps_min: int = Field(20, ge=4, description="Gaps below which an activity's quartiles say nothing.")

    # Open cases
    open_end_share_max: Share = Field(0.5, description="A step that ends most of its cases can be a case's end.")
    open_gap_share: Share = Field(0.95, description="Silence longer than this share of gaps means a case is over.")

    # Patterns (thresholds as tried on 25 public logs)
    support_min: int = Field(20, ge=1, description="Executions below which no pattern is claimed.")
    corrector_share_min: Share = Field(0.5, description="Share of a corrector's executions between two visits.")
    corrector_reach: int = Field(15, ge=2, description="Positions between two visits; longer loops are other objects.")
    rework_repeat_share_max: Share = Field(0.6, description="A step repeated in more cases repeats by nature.")
    numbered_share_min: Share = Field(0.9, description="Of first and of second visits with a value of their own.")
    rework_rare_share_max: Share = Field(0.15, description="Of cases; a step repeated oftener comes again by nature.")
    rework_spike_share_max: Share = Field(0.5, description="A third visit this much rarer: a slip mended, no series.")
    rework_spike_slack: Share = Field(0.02, description="And this much on top, where repeats are few.")
    reopened_late_share_min: Share = Field(0.75, description="Of its cases; among the last two so often, it ends them.")
    duplicate_gap_s: int = Field(600, ge=0, description="Seconds; a double entry follows within minutes.")
    duplicate_repeat_share_max: Share = Field(0.15, description="Steps repeated more often are entered in series.")
    duplicate_third_share_max: Share = Field(0.30, description="A third visit after the second: series, not slips.")
    stamp_known_share_min: Share = Field(0.9, description="Checks with a recorded result; of others too many hide.")
    stamp_rare_share_max: Share = Field(0.02, description="Other results, upper bound; more is a check that bites.")
    stamp_rare_min: int = Field(5, ge=1, description="Other results below which what follows them cannot be seen.")
    stamp_difference_max: Share = Field(
        0.2, description="Of what follows; a larger difference is a result that matters."
    )
    stamp_mend_reach: int = Field(3, ge=1, description="Steps after a check within which what it found is mended.")
    stamp_bypass_min: int = Field(50, ge=1, description="Times a case went on without the check; fewer are accidents.")
    stamp_told_share_min: Share = Field(0.5, description="Of both sides told apart: who goes round a check is chosen.")
    stamp_entry_share_min: Share = Field(
        0.1, description="Of a check's executions; steps before it seldomer are strays."
    )
    abandoned_end_share_min: Share = Field(0.5, description="A step that ends fewer of its cases is no giving up.")
    abandoned_case_share_max: Share = Field(0.4, description="Of cases; what ends more is their usual end.")
    abandoned_broken_share_min: Share = Field(0.5, description="Of others from there on; so many have more to do.")
    abandoned_usual_share_min: Share = Field(0.2, description="Above it of a process's cases it is asked, not claimed.")
    abandoned_realised_share: Share = Field(
        0.36, description="Beside the usual of its lever; an earlier question saves about a quarter in all."
    )
    ping_pong_loops_min: int = Field(30, ge=1, description="There-and-backs below which two steps make no pair.")
    ping_pong_back_share_min: Share = Field(0.8, description="Of the one step, gone on to the other to answer.")
    ping_pong_forth_share_min: Share = Field(0.15, description="Of the other; seldomer is an exception, not a habit.")
    ping_pong_hands_share_min: Share = Field(0.8, description="Between two people; else one works as he likes.")
    ping_pong_third_share_min: Share = Field(0.1, description="Of second visits; a step done just twice is a plan.")
    bounce_redo_share_min: Share = Field(
        0.5, description="Of returns to a team or provider; where turns are by design a tenth repeats something."
    )
    bounce_met_share_min: Share = Field(
        0.5, description="Of the hours colleagues share; two that meet seldomer are shifts that take turns."
    )
    forwarding_handling_s_max: int = Field(120, ge=1, description="Passing on takes a minute or two.")
    forwarding_handling_share_max: Share = Field(0.6, description="Of the process's median handling time.")
    forwarding_waiting_ratio_min: float = Field(3.0, description="Its queue against the process's median waiting.")
    forwarding_hands_share_min: Share = Field(0.5, description="Share of executions where hands differ around it.")
    forwarding_unchanged_share_min: Share = Field(0.8, description="Share of executions that change no attribute.")
    label_spellings_min: int = Field(5, ge=2, description="Ways to write a step; two or three are systems' own names.")
    label_untidy_share_min: Share = Field(0.05, description="Of its lines; fewer are slips and no want of a list.")
    waiting_sample_count: int = Field(
        1_000,
        ge=20,
        description="Waits for an activity of a provider looked at for their causes; more say the same.",
    )
    waiting_workers_max: int = Field(
        8, ge=1, description="Workers of an activity looked at; a step seldom done would bring in everybody."
    )
    waiting_turns_max: int = Field(
        100, ge=1, description="Things a worker did in one wait that are looked at; it bounds the work."
    )
    sitting_gap_s: int = Field(60, ge=0, description="Seconds; a longer breath between two executions ends a sitting.")
    batching_share_min: Share = Field(
        0.5, description="Of executions in sittings; chance piles up less than .4 of them."
    )
    batching_size_min: float = Field(
        5, ge=2, description="In one sitting on average; chance makes runs of two or three."
    )
    gap_stratum_min: int = Field(20, ge=2, description="Executions per provider for a stratum to be compared.")
    gap_coverage_min: Share = Field(0.6, description="Share of handling in comparable strata; below: no claim.")
    gap_sureness_min: float = Field(2.4, description="z against the best; keeps chance excess below .4 %.")
    gap_ratio_min: float = Field(1.1, description="Surely as many times the best's time; less is no project.")
    rule_points_min: int = Field(200, ge=50, description="Executions for a decision point to be judged at all.")
    rule_majority_max: Share = Field(0.99, description="A more usual next step is a fixed flow, not a decision.")
    rule_values_max: int = Field(12, ge=2, description="Values a rule may name, unless 50 at most are a list.")
    rule_way_min: int = Field(5, ge=1, description="Cases that go a way; a way taken less often is a stray.")
    sample_cases: int = Field(
        20_000, ge=100, description="Cases a process that rules and providers are judged on; more add nothing."
    )
    rule_concurrent_min: Share = Field(0.1, description="Of cases; steps met oftener in either order run side by side.")
    rule_clock_s_max: int = Field(5, ge=0, description="Seconds two rows overlap by; so much two clocks may differ.")
    rule_whole_case_min: Share = Field(0.8, description="Cases whose first row has the final value: it is of the case.")
    rule_distinct_max: Share = Field(0.5, description="Different values over values; above, it is free text or an id.")
    rule_number_share_min: Share = Field(0.99, description="Values that read as numbers; a slip makes no text.")
    rule_net_min: Share = Field(0.6, description="What a rule must add over the flow's own history.")
    rule_listed_min: Share = Field(0.1, description="What a rule must add to be listed; less is no use.")
    rule_listed_lower_min: Share = Field(0.05, description="At its lower bound; of many coins one comes close.")
    rule_lower_min: Share = Field(0.3, description="Of what it adds over habit, at its lower bound.")
    rule_sure_min: Share = Field(0.9, description="Accuracy of a leaf whose executions may be left to a rule.")
    rule_drift_min: Share = Field(0.05, description="Accuracy lost of late, beyond chance: it changed.")
    rule_late_min: Share = Field(0.3, description="What an input must add to be recorded earlier.")
    rule_differ_min: Share = Field(0.2, description="What knowing who must tell; a mild bias tells .06.")
    rule_coverage_min: Share = Field(0.5, description="Of executions in comparable cells; below, people go uncompared.")
    copy_cases_min: int = Field(50, ge=2, description="Cases with both values, to tell a copy from chance.")
    copy_score_min: Share = Field(0.9, description="Match beyond chance; typing slips cost one to three in a hundred.")
    copy_support_min: Share = Field(0.3, description="Cases whose value others share; an id tells all.")
    copy_numbers_max: int = Field(30, ge=0, description="Numbers of a process asked for sums; pairs grow by squares.")
    copy_probe_cases: int = Field(200, ge=10, description="Cases a sum is first tried on; a true one shows in few.")
    rework_natural_share_max: Share = Field(0.2, description="Of a natural repeat; more corrected visits are nature.")
    forwarding_inner_share_min: Share = Field(0.8, description="Passing on is seldom a first or last step.")
    fixed_flow_regularity_min: Share = Field(0.6, description="Handling this even says the work itself is alike.")
    fixed_flow_digital_min: Share = Field(0.9, description="Share of executions in a system; else a question.")
    gap_values_max: int = Field(5, ge=2, description="Values of an attribute that make strata of their own.")
    question_share_min: Share = Field(0.01, description="Fewer of a process's hours are not worth asking about.")
    fold_share_min: Share = Field(0.65, description="Of its steps in a larger run: two of three; one question then.")
    question_count_min: int = Field(5, ge=1, description="Nor are fewer executions.")
    rule_held_out_min: int = Field(100, ge=1, description="Later decisions below which no rule is believed.")
    sufficient_share_min: Share = Field(0.5, description="Share of executions that must carry a thing to judge by it.")
    gap_explained_min: Share = Field(0.01, description="Of the spread of ln handling; attributes below are no mix.")
    gap_chance_max: float = Field(4, ge=0, description="Standard errors of that share by chance; as many are no mix.")
    corrector_return_min: Share = Field(0.6, description="A corrector used elsewhere too sends back this often.")
    corrector_return_ratio_min: float = Field(2.0, ge=1, description="And this much oftener than the step repeats.")
    criterion_weeks_min: int = Field(4, ge=2, description="Fewer weeks than this cannot show a rhythm.")
    routine_count_max: int = Field(25, ge=1, description="Routines of a process; more are not read, and hold little.")
    routine_steps_max: int = Field(
        1_000_000, ge=1_000, description="Steps of the commonest variants that routines are found in; more add nothing."
    )
    routine_step_share_min: Share = Field(0.8, description="A step left out in more of the runs is an optional one.")
    routine_pause_s: int = Field(
        3_600, ge=0, description="Working seconds; who waits longer between two steps did something else in between."
    )
    routine_one_go_min: Share = Field(0.5, description="Of a routine's runs; what hands share is not one robot's.")
    detour_ratio_min: float = Field(2.0, ge=1, description="Times the work of a shorter way between the same steps.")
    path_spread_min: Share = Field(0.2, description="Between how often two providers go on alike; less is chance.")

    # From seconds to money
    realised_share_eliminate: Share = Field(0.7, description="Part of removed work that shows; some finds a way back.")
    realised_share_simplify: Share = Field(0.6, description="As above; a shorter path needs other people's consent.")
    realised_share_standardize: Share = Field(0.5, description="As above; habits change slowly.")
    realised_share_automate: Share = Field(0.8, description="As above; not every hand lets go of the work.")
    exception_share: Share = Field(0.125, description="Of what is left to software and comes back; a stated guess.")
    realised_share_unwitnessed: Share = Field(0.5, description="Of that, where the log lacks what would witness it.")
    realised_low: Share = Field(0.5, description="Low case as a share of the base case.")
    realised_high: float = Field(1.3, ge=1, description="High case as a multiple of the base case.")
    criteria_min: int = Field(4, ge=1, description="Fewer assessable criteria than this make no score.")
    criterion_weights: Weights = Field(EQUAL, description="Of each criterion; alike, as no log tells which counts.")
    unscored_share: Share = Field(0.5, description="A candidate without a score ranks as one of middling sureness.")
    build_cost_h: float = Field(120, ge=0, description="Hours to change one activity; a stated guess, set your own.")
    build_step_share: Share = Field(0.25, description="More of it for each further activity; much is shared.")
    build_system_share: Share = Field(0.25, description="More for each further system software must be let into.")
    build_rule_share: Share = Field(0.02, description="More for each condition; testing it is longer than writing it.")
    build_years: float = Field(3, gt=0, description="Until a change is done over again; its cost is spread over them.")
    run_share: Share = Field(0.15, description="Of its build cost a year; software is hosted and looked after.")
    cost_low: Share = Field(0.5, description="Least of the stated costs; guesses of effort are often off by half.")
    cost_high: float = Field(2, ge=1, description="Most of them; or by double.")
    payback_months_max: float = Field(24, gt=0, description="Months; few budgets wait longer for their money.")
    draw_count: int = Field(200, ge=20, le=1_000, description="Draws a rank is tried on; more move its ends a place.")
    span_edge_share: float = Field(
        0.02, ge=0, lt=0.5, description="Of cases, at each end of a log; a mistyped year must not stretch the log."
    )
    span_days_min: int = Field(28, ge=1, description="A shorter log is scaled to a year as if it had this many days.")

    # What came of it
    benefit_weeks_before_min: int = Field(8, ge=4, description="Weeks before go-live; fewer show no usual week.")
    benefit_weeks_before_max: int = Field(26, ge=4, description="Half a year; older weeks are of another time.")
    benefit_weeks_after_min: int = Field(4, ge=2, description="Weeks since; fewer are people getting used to it.")
    benefit_cases_min: int = Field(
        5, ge=1, description="Cases begun in the usual week; fewer scatter by half and more."
    )
    benefit_peers_max: int = Field(8, ge=1, description="Peers set against it, the largest; more add little.")
    benefit_sureness: Share = Field(0.95, description="Of the interval about a change; as papers report it.")
    benefit_case_share: Share = Field(0.9, description="Of cases; each is watched as long as these took to end.")
    displaced_share_min: Share = Field(0.2, description="Of the work that went; less elsewhere is within the noise.")
    return_growth_min: float = Field(0.5, ge=0, description="More of what a refused candidate claims: new facts.")

    # Who is who
    sketch_size: int = Field(512, ge=16, description="Ids kept of a candidate's executions; tells shares to 2 %.")
    identity_share_min: Share = Field(0.5, description="Of the smaller one's executions; more than half is the same.")
    identity_days: int = Field(90, ge=1, description="Days a candidate is remembered after it was last found.")

    def ids_looked_for(self) -> NationalIds:
        return looked_for(self.national_ids, self.national_ids_left_out)
