//! The first two characters of a unified social credit code, GB 32100-2015 with its amendment of 2016.

/// A kind of body, as the first two characters of its credit code name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreditCodeCategory {
    /// The two characters.
    pub code: &'static str,
    /// Who registers such bodies (登记管理部门).
    pub authority: &'static str,
    /// What they are (机构类别).
    pub category: &'static str,
    /// Whether one recent source alone knows the code.
    pub is_from_one_source: bool,
}

const fn known(code: &'static str, authority: &'static str, category: &'static str) -> CreditCodeCategory {
    CreditCodeCategory { code, authority, category, is_from_one_source: false }
}

const fn recent(code: &'static str, authority: &'static str, category: &'static str) -> CreditCodeCategory {
    CreditCodeCategory { code, authority, category, is_from_one_source: true }
}

/// The known ones. An early draft (3 for education, 4 for police) still circulates; it is not this table.
pub const CREDIT_CODE_CATEGORIES: [CreditCodeCategory; 49] = [
    known("11", "机构编制", "机关"),
    known("12", "机构编制", "事业单位"),
    known("13", "机构编制", "编办直接管理机构编制的群众团体"),
    known("19", "机构编制", "其他"),
    known("21", "外交", "外国常驻新闻机构"),
    known("29", "外交", "其他"),
    known("31", "司法行政", "律师执业机构"),
    known("32", "司法行政", "公证处"),
    known("33", "司法行政", "基层法律服务所"),
    known("34", "司法行政", "司法鉴定机构"),
    known("35", "司法行政", "仲裁委员会"),
    recent("36", "司法行政", "商事调解组织"),
    known("39", "司法行政", "其他"),
    known("41", "文化", "外国在华文化中心"),
    known("49", "文化", "其他"),
    known("51", "民政", "社会团体"),
    known("52", "民政", "民办非企业单位(社会服务机构)"),
    known("53", "民政", "基金会"),
    known("54", "民政", "村民委员会"),
    known("55", "民政", "居民委员会"),
    known("59", "民政", "其他"),
    known("61", "旅游", "外国政府旅游部门常驻代表机构"),
    known("62", "旅游", "港澳台地区旅游部门常驻代表机构"),
    known("69", "旅游", "其他"),
    known("71", "宗教", "宗教活动场所"),
    known("72", "宗教", "宗教院校"),
    known("79", "宗教", "其他"),
    known("81", "工会", "基层工会"),
    recent("82", "工会", "非法人工会组织"),
    known("89", "工会", "其他"),
    known("91", "市场监管(工商)", "企业"),
    known("92", "市场监管(工商)", "个体工商户"),
    known("93", "市场监管(工商)", "农民专业合作社"),
    recent("99", "市场监管(工商)", "其他"),
    known("A1", "中央军委改革和编制办公室", "军队文职人员用人单位"),
    known("A9", "中央军委改革和编制办公室", "其他"),
    recent("G1", "公安", "境外非政府组织代表机构"),
    recent("G9", "公安", "其他"),
    recent("J1", "住房城乡建设", "业主大会"),
    recent("J9", "住房城乡建设", "其他"),
    known("N1", "农业农村", "组级集体经济组织"),
    known("N2", "农业农村", "村级集体经济组织"),
    known("N3", "农业农村", "乡镇级集体经济组织"),
    known("N9", "农业农村", "其他"),
    recent("Q1", "侨联", "区县级侨联组织"),
    recent("Q2", "侨联", "乡镇级侨联组织"),
    recent("Q3", "侨联", "村级侨联组织"),
    recent("Q9", "侨联", "其他"),
    known("Y1", "其他", "其他"),
];
