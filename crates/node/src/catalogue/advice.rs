//! How to mend what the checker finds, for the analyst who wrote the file.

use tongban_modules::catalogue::Error;
use tongban_modules::item_rules::Warning;

/// How to mend a file that is no item file.
pub fn of_file(code: &str) -> &'static str {
    match code {
        "file.unreadable" => "检查路径、权限和编码；文件须为 UTF-8，不超过 256 KiB",
        "file.syntax" => "按行号检查缩进、冒号和引号；同一层不能有两个同名字段",
        "file.item_too_large" => "缩短说明文字，或精简表单",
        "file.shape" => "参照 examples/items 中的样例补齐结构",
        _ => "对照字段说明修改；电话、代码等数字形式的文本要加引号",
    }
}

/// How to mend an error.
pub fn of_error(error: Error) -> &'static str {
    match error {
        Error::CodeMalformed => "使用 31 位实施编码，或不含空格的地方编码",
        Error::VersionZero => "版本号从 1 开始",
        Error::TextMissing => "填写该项文字",
        Error::DepartmentCode => "填写部门的 18 位统一社会信用代码，核对校验位",
        Error::DepartmentTwice => "删去重复的部门；牵头部门不要再列入联办部门",
        Error::CodeOfAnother => "核对实施编码中的部门、行使层级和事项类型是否与本事项一致",
        Error::HandleItem => "业务办理项编码为本事项的 31 位实施编码加 2 位序号",
        Error::EntrustName => "受委托组织填写委托部门 entrust_name，其他主体不填",
        Error::BasisMissing => "写明法律、法规名称和条款",
        Error::ServedMissing => "至少列出一类服务对象，不要重复",
        Error::ListedTwice => "删去 sensitive 或 special_procedure 中重复的一项",
        Error::PromisedOverStatutory => "缩短承诺时限，使其不超过法定时限",
        Error::OnTheSpotDays => "即办件承诺时限不超过 1 天，否则改为承诺件",
        Error::PromiseMissing => "承诺件至少承诺 1 天，当场办结的改为即办件",
        Error::AcceptanceOverLaw => "许可事项受理时限不超过 5 个工作日；不动产登记当场受理，填 0",
        Error::DecisionOverLaw => {
            "一般不超过 20 个工作日，联合办理不超过 45 个工作日，不动产登记不超过 30 个工作日；另有规定的写入 statutory_basis"
        }
        Error::DeliveryOverLaw => "许可证件在决定后 10 个工作日内送达",
        Error::RenewalTerm => "延续申请期限为 1 至 365 日，并写明依据；一般为三十日，不必填写",
        Error::WaysMissing => "至少列出一种办理形式，不要重复",
        Error::VisitsWithoutWay => "到现场 0 次的，须开通网上、移动端或快递办理",
        Error::VisitsWithoutReason => "写明必须到现场的原因，或把次数改为 0",
        Error::OutcomeName => "出证的写明证照名称；名称以“证”结尾的，结果类型应为出证",
        Error::OutcomeLicence => "出证的填写 21 位证照类型代码，其他结果不填",
        Error::DocumentId => "样本、表格的标识不含空格和汉字，不超过 64 个字符",
        Error::FeeAmount => "金额以分为单位，不小于 0",
        Error::FeeReduction => "写明减免条件，或改为不可减免",
        Error::MaterialTwice => "合并同名材料，或改用不同名称",
        Error::MaterialCopies => "必要材料的份数至少为 1",
        Error::HeldMalformed => "填写 21 位证照类型代码和字段名；表单中用 x-held-as，不用于列表内的字段",
        Error::CommitmentForbidden => {
            "主审材料、申请人自备材料，以及涉及国家安全、国家秘密、公共安全、金融审慎监管、生态环境、人身财产安全、重要涉外的事项，不适用告知承诺"
        }
        Error::FormMalformed => {
            "按提示位置修改表单；字段名用小写字母、数字、下划线，类型只用 object、array、string、integer、boolean"
        }
        Error::FormKeyword => "删去该关键字；取值范围用 enum、minimum、maxLength 等表达",
        Error::FormReference => "不用引用，直接写出字段",
        Error::FormTooLarge => "字段不超过 200 个，嵌套不超过 4 层",
        Error::FlowEmpty => "至少写出一个决定环节",
        Error::StepTwice => "每个环节名称不同",
        Error::StepDepartment => "把该部门列入 joint_departments，或改由牵头部门办理",
        Error::StepRole => "写明办理岗位",
        Error::PredecessorUnknown => "前置环节的名称要与某个环节完全一致，且不重复",
        Error::FlowCycle => "这些环节互相等待，删去其中一条前置关系",
        Error::StepUnreachable => "先改正它前面的环节",
        Error::ReturnTarget => "只能退回到本环节之前的环节",
        Error::DecisionMissing => "加入 kind 为 decision 的环节",
        Error::ResultBeforeDecision => "制证、送达放在决定之后，决定放在受理之后",
        Error::HumanAutomatic => "法定由人员作出的环节，不能是自动核验",
        Error::DeemedConsentForbidden => {
            "仅一般审查环节可以超时默认；涉及安全、环境、国家秘密、书面意见、决定或法定人员的，改为 none"
        }
        Error::StepHearing => "hearing_right 只用于 kind 为 decision 的环节",
        Error::StepPlace => "at_place 不用于受理、决定、制证环节；仅限本地办理的事项不用",
        Error::HearingOverLaw => "听证在 20 日内组织",
        Error::FirstReviewPlace => "先行审查由下级机关作出，环节类型为 review，部门不是牵头部门，并排在决定之前",
        Error::FirstReviewOverLaw => {
            "下级机关先行审查不超过 20 个工作日，环节时限不超过审查法定时限；另有规定的写入 basis"
        }
        Error::StepsOverPromise => "缩短最慢路径上的环节，或让环节并行，或延长承诺时限",
        Error::ConditionTooLarge => "拆分或简化条件，不超过 500 个字符、16 层",
        Error::ConditionFloat => "改用整数，例如金额用分、面积用平方分米",
        Error::ConditionSyntax => "只用比较、逻辑、加减乘、in、has、size、startsWith、endsWith、contains",
        Error::ConditionField => "核对字段路径，例如 form.area；分组要写到具体字段",
        Error::ConditionKind => "文本与文本比较，数字与数字比较；条件的结果是 true 或 false",
        Error::FourEyes => "该部门要求双人复核：先提请审核，再由另一名工作人员审核",
        Error::NotPerson | Error::ProposedByOneself => "由另一名以个人账户任职的工作人员审核",
        Error::DigestOther => "重新查看提请内容，核对摘要后再审核",
        Error::NotFound
        | Error::ProposalUnknown
        | Error::ProposalSettled
        | Error::ProposerLapsed
        | Error::TooManyProposals
        | Error::OutsideOffice
        | Error::Exists
        | Error::Retired
        | Error::Suspended
        | Error::NotSuspended
        | Error::VersionNotNext
        | Error::TooManyVersions
        | Error::EffectiveEarlier
        | Error::RetiredEarlier
        | Error::SourceLater => "查询账本上的现状后再试",
    }
}

/// What to do about a warning.
pub fn of_warning(warning: Warning) -> &'static str {
    match warning {
        Warning::LocalCode => "有实施编码的，把它写入 code，地方编码写入 local_code",
        Warning::NotOnApplication => "依职权事项通常不需要申请表单，请确认",
        Warning::ManyVisits => "研究能否合并到一次或零次",
        Warning::BesideTheDecision => "如决定须等待它，把它加入决定环节的 waits_for",
        Warning::DecisionWithoutPerson => "如法律要求由人员决定，填写 human_only",
        Warning::BlankField => "先写 has(form.字段)，或把字段列入 required",
        Warning::GovernmentMaterial => "政府部门核发的材料填写 held_as，免予提交",
        Warning::UnitsDiffer => "法定时限与承诺时限使用同一单位",
    }
}
