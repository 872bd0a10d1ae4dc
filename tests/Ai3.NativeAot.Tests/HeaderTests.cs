using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Ai3.Plugins;
using Ai3.Tensors;

namespace Ai3.NativeAot.Tests;

/// <summary>The library is what ai3.h says: structs, functions, numbers.</summary>
public class HeaderTests
{
    private static readonly Type[] s_structs = [.. typeof(AbiHeader).Assembly.GetTypes().Concat(typeof(AbiConv2dProblem).Assembly.GetTypes())
        .Where(t => t.IsValueType && t.Name.StartsWith("Abi", StringComparison.Ordinal) && !t.IsEnum && t != typeof(AbiHeader))];

    private static readonly Dictionary<string, MethodInfo> s_exports = typeof(AbiHeader).Assembly.GetTypes()
        .SelectMany(t => t.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
        .Where(m => m.GetCustomAttribute<UnmanagedCallersOnlyAttribute>() is not null)
        .ToDictionary(m => m.GetCustomAttribute<UnmanagedCallersOnlyAttribute>()!.EntryPoint!);

    public static IEnumerable<object[]> StructNames => s_structs.Select(t => new object[] { t.Name });

    public static IEnumerable<object[]> FunctionNames => Header.Functions.Keys.Select(f => new object[] { f });

    [Fact]
    public void StructsAreThoseOfTheHeader() => Assert.Equal(Header.Structs.Keys.Order(), s_structs.Select(NameOf).Order());

    [Fact]
    public void FunctionsAreThoseOfTheHeader() => Assert.Equal(Header.Functions.Keys.Order(), s_exports.Keys.Order());

    [Fact]
    public void TheVersionIsThatOfTheHeader() => Assert.Equal(AbiStruct.Version, Header.AbiVersion);

    [Theory, MemberData(nameof(StructNames))]
    public void MembersAreWhereTheHeaderPutsThem(string typeName)
    {
        Type type = s_structs.Single(t => t.Name == typeName);
        FieldInfo[] fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public);
        Header.Member[] members = Header.Structs[NameOf(type)];
        Assert.Equal(members.Select(m => m.Name), fields.Select(f => Snake(f.Name)));
        Assert.Equal(["struct_size", "abi_version"], members.Take(2).Select(m => m.Name));
        int offset = 0;
        for (int i = 0; i < fields.Length; i++)
        {
            int size = members[i].Size;
            offset = (offset + size - 1) / size * size;
            Assert.Equal(offset, (int)Marshal.OffsetOf(type, fields[i].Name));
            Assert.Equal(members[i].Type, CType(fields[i].FieldType, members[i].Type));
            offset += size;
        }
        Assert.Equal((offset + 7) / 8 * 8, Marshal.SizeOf(type));
    }

    [Theory, MemberData(nameof(FunctionNames))]
    public void ParametersAreThoseOfTheHeader(string name)
    {
        MethodInfo method = s_exports[name];
        (Header.Member result, Header.Member[] parameters) = Header.Functions[name];
        Assert.Equal(parameters.Select(p => p.Name), method.GetParameters().Select(p => Snake(p.Name!)));
        Assert.Equal(parameters.Select(p => p.Type), method.GetParameters().Zip(parameters, (p, h) => CType(p.ParameterType, h.Type)));
        Assert.Equal(result.Type, CType(method.ReturnType, result.Type));
        Assert.Equal([typeof(CallConvCdecl)], method.GetCustomAttribute<UnmanagedCallersOnlyAttribute>()!.CallConvs!);
    }

    [Fact]
    public void NumbersAreThoseOfTheHeader()
    {
        string Upper(string name) => Snake(name).ToUpperInvariant();
        foreach (AbiStatus status in Enum.GetValues<AbiStatus>())
            Assert.Equal((int)status, Header.Numbers[status == AbiStatus.Ok ? "AI3_OK" : $"AI3_ERROR_{Upper(status.ToString())}"]);
        foreach (AbiKind kind in Enum.GetValues<AbiKind>())
            Assert.Equal((int)kind, Header.Numbers[$"AI3_KIND_{Upper(kind.ToString())}"]);
        foreach (DType type in Enum.GetValues<DType>())
            Assert.Equal((int)type, Header.Numbers[$"AI3_{type.ToString().ToUpperInvariant()}"]);
    }

    private static string NameOf(Type type) => "ai3_" + Snake(type.Name["Abi".Length..]);

    private static string Snake(string name) => string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));

    // A handle is a pointer in C and a number here.
    private static string CType(Type type, string inHeader) => type.IsPointer || type.IsFunctionPointer || (type == typeof(nint) && inHeader == "*") ? "*"
        : type == typeof(uint) ? "uint32_t"
        : type == typeof(long) ? "int64_t"
        : type == typeof(double) ? "double"
        : type == typeof(nuint) ? "size_t"
        : type == typeof(int) ? inHeader == "int" ? "int" : "int32_t"
        : type.Name;
}
